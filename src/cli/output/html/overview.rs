//! The overview as a page: pictures, tables, every source, and of each source where it came from and its texts.
//!
//! The page stays small whatever it is about: the sources' details stand in it while they are few, and in files
//! beside it otherwise; so do the sources that a first list has no room for. Where there is no file to stand
//! beside, the page says what it leaves out and how to get it.

use std::io::{self, Write};
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::table::{Further, counted, write_with};
use super::text::{attribute, text};
use super::{Parts, Question, begin, end, write_notes, write_sections};
use crate::cli::output::side_folder::SideFolder;
use crate::cli::output::{OutputOptions, in_commands, notes, shown};
use crate::report::{Cell, OverviewReport, Report as _, SourceReport, Table};

/// Bytes of all details that stand in the page itself.
const INSIDE: usize = 1_500_000;
/// Bytes of one list of sources: ten thousand of usual length stand in one.
const LIST: usize = 4_600_000;
/// Bytes around a text, around an id that is there twice, and of any other value.
const AROUND_TEXT: usize = 19;
const AROUND_ID: usize = 64;
const OTHER_VALUE: usize = 14;
/// Bytes of a row beside its values, most of them its link.
const AROUND_ROW: usize = 65;

const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A page that is being written.
pub struct OverviewPage<'a> {
    report: &'a OverviewReport,
    options: &'a OutputOptions,
    details: Details,
    taken: usize,
}

/// Where the details of sources go.
enum Details {
    Inside(Vec<Vec<u8>>),
    Beside(SideFolder),
    /// There is no file to stand beside.
    LeftOut,
}

impl<'a> OverviewPage<'a> {
    /// Begins the page of `report`.
    pub fn new(report: &'a OverviewReport, options: &'a OutputOptions) -> Self {
        Self {
            report,
            options,
            details: Details::Inside(Vec::new()),
            taken: 0,
        }
    }

    /// Says whether details of further sources are of any use.
    pub fn takes_details(&self) -> bool {
        !matches!(self.details, Details::LeftOut)
    }

    /// Takes the details of the next source.
    pub fn add(&mut self, source: &SourceReport) -> io::Result<()> {
        let index = self.taken;
        self.taken += 1;
        let (figures, tables) = shown(source, self.options);
        let parts = Parts {
            figures: &figures,
            tables: &tables,
            texts: source.texts(),
        };
        let mut section = Vec::new();
        write_sections(&parts, &prefix(index), &mut section)?;
        if let Details::Inside(sections) = &mut self.details {
            sections.push(section);
            let size: usize = sections.iter().map(Vec::len).sum();
            if size <= INSIDE {
                return Ok(());
            }
            let sections = std::mem::take(sections);
            let Some(file) = &self.options.file else {
                self.details = Details::LeftOut;
                return Ok(());
            };
            let folder = SideFolder::beside(file)?;
            for (index, section) in sections.iter().enumerate() {
                self.write_beside(&folder, index, section)?;
            }
            self.details = Details::Beside(folder);
            return Ok(());
        }
        match &self.details {
            Details::Beside(folder) => self.write_beside(folder, index, &section),
            _ => Ok(()),
        }
    }

    fn write_beside(&self, folder: &SideFolder, index: usize, section: &[u8]) -> io::Result<()> {
        let Some(source) = self.report.sources.get(index) else {
            return Ok(());
        };
        let question = Question {
            command: "toolkit sources show".to_owned(),
            text: source.uri.clone(),
        };
        folder.write(&self.file_name(index), |out| {
            begin(&question, "source", out)?;
            self.write_way_back(out)?;
            out.write_all(section)?;
            end(out)
        })
    }

    /// Leads from a file beside the page back to it, and ends the header.
    fn write_way_back(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = self
            .options
            .file
            .as_ref()
            .and_then(|file| file.path.file_name());
        let name = name
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        writeln!(
            out,
            "<p><a href=\"../{}\">Back to the overview</a></p></header>\n<main id=\"main\">",
            utf8_percent_encode(&name, IN_A_PATH)
        )
    }

    /// Ends the page and writes it.
    pub fn finish(mut self) -> io::Result<()> {
        let mut rows = self.rows();
        if rows.len() > 1
            && let (Some(file), Details::Inside(_)) = (&self.options.file, &self.details)
        {
            // The list itself needs the folder, so the details go there, too.
            let folder = SideFolder::beside(file)?;
            if let Details::Inside(sections) =
                std::mem::replace(&mut self.details, Details::LeftOut)
            {
                for (index, section) in sections.iter().enumerate() {
                    self.write_beside(&folder, index, section)?;
                }
            }
            self.details = Details::Beside(folder);
        }
        let mut first = 0;
        let further = rows.split_off(rows.len().min(1));
        for (number, count) in (2..).zip(&further) {
            first += if number == 2 {
                rows[0]
            } else {
                further[number - 3]
            };
            if let Details::Beside(folder) = &self.details {
                let question = Question {
                    command: self.options.question.command.clone(),
                    text: format!("Sources, list {number} of {}", further.len() + 1),
                };
                folder.write(&list_name(number), |out| {
                    begin(&question, "sources", out)?;
                    self.write_way_back(out)?;
                    self.write_list(first, *count, "", out)?;
                    end(out)
                })?;
            }
        }
        let shown = rows.first().copied().unwrap_or(0);
        let page = |out: &mut dyn Write| self.write_page(shown, further.len(), out);
        match &self.options.file {
            None => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                page(&mut out)?;
                out.flush()
            }
            Some(file) => {
                if let Details::Beside(folder) = &self.details {
                    folder.keep()?;
                }
                file.write(page)
            }
        }
    }

    /// Divides the sources into lists: how many rows each has.
    fn rows(&self) -> Vec<usize> {
        let table = self.table(0, self.report.sources.len());
        let mut lists = Vec::new();
        let (mut size, mut count) = (0, 0);
        for row in &table.rows {
            let of_value = |cell: &Cell| match cell {
                Cell::Text(value) => text(value).len() + AROUND_TEXT,
                Cell::Id(value) => 2 * value.len() + AROUND_ID,
                _ => OTHER_VALUE,
            };
            let of_row = AROUND_ROW + row.iter().map(of_value).sum::<usize>();
            if size + of_row > LIST && count > 0 {
                lists.push(count);
                (size, count) = (0, 0);
            }
            size += of_row;
            count += 1;
        }
        lists.push(count);
        lists
    }

    fn table(&self, first: usize, count: usize) -> Table {
        let mut table = self.report.source_table();
        table.rows = table.rows.into_iter().skip(first).take(count).collect();
        crate::cli::output::shown_table(self.report, table, self.options)
    }

    /// Writes some of the sources; `folder` is where the files beside the page are, seen from the list.
    fn write_list(
        &self,
        first: usize,
        count: usize,
        folder: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let links: Vec<String> = (first..first + count)
            .map(|index| match self.details {
                Details::Inside(_) => format!("#{}", prefix(index)),
                Details::Beside(_) => format!("{folder}{}", self.file_name(index)),
                Details::LeftOut => String::new(),
            })
            .collect();
        let further = Further {
            links: if self.takes_details() { &links } else { &[] },
            ..Further::default()
        };
        write_with(&self.table(first, count), "sources", &further, out)
    }

    fn write_page(&self, shown_rows: usize, further: usize, out: &mut dyn Write) -> io::Result<()> {
        let (figures, tables) = shown(self.report, self.options);
        begin(&self.options.question, "overview", out)?;
        let all = self.report.sources.len();
        out.write_all(b"<nav aria-label=\"Contents\"><ul>\n")?;
        for (number, figure) in (1..).zip(&figures) {
            let title = super::heading(figure.title());
            writeln!(out, "<li><a href=\"#f{number}\">{}</a></li>", text(&title))?;
        }
        for (number, table) in (1..).zip(&tables) {
            let name = super::heading(table.name);
            writeln!(out, "<li><a href=\"#t{number}\">{}</a></li>", text(&name))?;
        }
        writeln!(
            out,
            "<li><a href=\"#sources\">Sources</a><span class=\"count\">{all}</span></li>\n</ul></nav></header>\n<main id=\"main\">"
        )?;
        let parts = Parts {
            figures: &figures,
            tables: &tables,
            texts: &[],
        };
        write_sections(&parts, "", out)?;
        let folder = self.folder_name();
        let table = self.report.source_table();
        writeln!(
            out,
            "<section><h2 id=\"sources\">Sources<span class=\"count\">{}</span></h2>\n<p class=\"muted\">{}</p>",
            counted(all),
            text(table.question)
        )?;
        self.write_what_is_elsewhere(shown_rows, further, &folder, out)?;
        self.write_list(0, shown_rows, &format!("{folder}/"), out)?;
        out.write_all(b"</section>\n")?;
        if let Details::Inside(sections) = &self.details {
            self.write_details(sections, out)?;
        }
        let notes = notes(self.report, self.options);
        write_notes(in_commands(&notes, self.options), out)?;
        end(out)
    }

    /// Says which part of the story is not in this page, and where it is.
    fn write_what_is_elsewhere(
        &self,
        shown_rows: usize,
        further: usize,
        folder: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let all = self.report.sources.len();
        match &self.details {
            Details::Inside(_) => {}
            Details::Beside(_) => {
                writeln!(
                    out,
                    "<p>Where each came from and its texts stand beside this page, in the folder <code>{}</code>; \
                     each source leads there.</p>",
                    text(&self.folder_name_as_it_is())
                )?;
            }
            Details::LeftOut => writeln!(
                out,
                "<p>Where each came from and its texts are too much for this page, and without a file there is no \
                 place beside it: <code>toolkit report overview --format html -o FILE</code> writes them.</p>"
            )?,
        }
        if further == 0 {
            return Ok(());
        }
        write!(out, "<p>The first {shown_rows} of {all} are listed here")?;
        if matches!(self.details, Details::Beside(_)) {
            out.write_all(b"; the others:")?;
            for number in 2..further + 2 {
                write!(
                    out,
                    " <a href=\"{folder}/{0}\">list {number}</a>",
                    list_name(number)
                )?;
            }
        } else {
            out.write_all(b"; the command above writes all")?;
        }
        out.write_all(b".</p>\n")
    }

    fn write_details(&self, sections: &[Vec<u8>], out: &mut dyn Write) -> io::Result<()> {
        if sections.is_empty() {
            return Ok(());
        }
        out.write_all(
            b"<section><h2 id=\"details\">Each source</h2>\n<p class=\"muted\">Where did it come from, what was made \
              of it, and what does its text say?</p>\n",
        )?;
        for (index, (section, source)) in sections.iter().zip(&self.report.sources).enumerate() {
            writeln!(
                out,
                "<details><summary>{}</summary><div id=\"{}\">",
                text(&source.uri),
                prefix(index)
            )?;
            for part in section.chunks(8 << 10) {
                out.write_all(part)?;
            }
            out.write_all(b"</div></details>\n")?;
        }
        out.write_all(b"</section>\n")
    }

    fn file_name(&self, index: usize) -> String {
        let key = self
            .report
            .keys
            .get(index)
            .map(ToString::to_string)
            .unwrap_or_default();
        format!("{}.html", key.get(..16).unwrap_or(&key))
    }

    fn folder_name_as_it_is(&self) -> String {
        let path = self
            .options
            .file
            .as_ref()
            .map(|file| SideFolder::path_beside(&file.path));
        let name = path.as_deref().and_then(Path::file_name);
        name.map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// The folder as a link from the page names it.
    fn folder_name(&self) -> String {
        attribute(&utf8_percent_encode(&self.folder_name_as_it_is(), IN_A_PATH).to_string())
            .into_owned()
    }
}

fn prefix(index: usize) -> String {
    format!("s{}-", index + 1)
}

fn list_name(number: usize) -> String {
    format!("sources-{number}.html")
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
