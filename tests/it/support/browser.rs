//! A real browser without a window: Chromium, driven by its DevTools protocol over a pipe.
//!
//! Everything that goes wrong in a page, and every address that it asks for, is kept and can be asked for.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::temporary_folder;

/// After this long without a word the browser counts as hung.
const LIMIT: Duration = Duration::from_mins(2);

/// A browser with one page.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    next: u64,
    /// Events that came while an answer was waited for.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser.
    pub fn start() -> Self {
        let profile = temporary_folder();
        // The protocol is spoken over the descriptors 3 and 4; a shell gives it our two pipes as these. There is no
        // sandbox for root, nor in most containers; what is shown was written by the test itself.
        let mut child = Command::new("/bin/sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1 </dev/null",
            ])
            .arg(program())
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let commands = child.stdin.take().expect("a pipe");
        let mut answers = child.stdout.take().expect("a pipe");
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            let (mut waiting, mut buffer) = (Vec::new(), vec![0; 64 << 10]);
            while let Ok(count @ 1..) = answers.read(&mut buffer) {
                for byte in &buffer[..count] {
                    if *byte != 0 {
                        waiting.push(*byte);
                    } else if let Ok(message) = serde_json::from_slice(&waiting) {
                        waiting.clear();
                        if sender.send(message).is_err() {
                            return;
                        }
                    }
                }
            }
        });
        let mut browser = Self {
            child,
            commands,
            messages,
            session: None,
            next: 1,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let target = target["targetId"].clone();
        let attach = json!({"targetId": target, "flatten": true});
        let attached = browser.call("Target.attachToTarget", &attach);
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Asks for one thing and returns the answer.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut command = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.commands
            .write_all(&bytes)
            .expect("the browser listens");
        loop {
            let mut message = self.message(method);
            if message["id"] == id {
                let error = &message["error"];
                assert!(error.is_null(), "{method}: {error}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    fn message(&mut self, waiting_for: &str) -> Value {
        self.messages
            .recv_timeout(LIMIT)
            .unwrap_or_else(|error| panic!("the browser says nothing to {waiting_for}: {error}"))
    }

    /// Opens a file, at a width, and waits until it is there.
    pub fn open(&mut self, file: &Path, width: u32) {
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
        self.events.clear();
        let url = format!("file://{}", file.display());
        self.call("Page.navigate", &json!({"url": url}));
        while self.events_named("Page.loadEventFired").is_empty() {
            let message = self.message("a page");
            self.events.push(message);
        }
    }

    /// Returns what a script of the test says about the page.
    pub fn ask(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true});
        let mut answer = self.call("Runtime.evaluate", &parameters);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {answer}"
        );
        answer["result"]["value"].take()
    }

    /// Presses and releases a key, with the text that it writes.
    pub fn press(&mut self, key: &str, text: &str) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Clicks into the middle of what a selector finds first.
    pub fn click(&mut self, selector: &str) {
        let place = self.ask(&format!(
            "(() => {{ const one = document.querySelector({selector:?}); one.scrollIntoView({{block: 'center'}}); \
             const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Sets what the page is shown on and for: `screen` or `print`, `light` or `dark`.
    pub fn media(&mut self, media: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({"media": media, "features": features}),
        );
    }

    /// Returns every address that the page asked for, its own included.
    pub fn requests(&self) -> Vec<String> {
        let events = self.events_named("Network.requestWillBeSent").into_iter();
        events
            .filter_map(|event| {
                event["params"]["request"]["url"]
                    .as_str()
                    .map(str::to_owned)
            })
            .collect()
    }

    /// Returns what the page has complained of: errors, warnings, refusals of its policy.
    pub fn complaints(&self) -> Vec<String> {
        let kinds = [
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        ];
        let events = kinds.iter().flat_map(|kind| self.events_named(kind));
        events.map(|event| event["params"].to_string()).collect()
    }

    fn events_named(&self, method: &str) -> Vec<&Value> {
        let is_named = |event: &&Value| event["method"] == method;
        self.events.iter().filter(is_named).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let close = b"{\"id\":0,\"method\":\"Browser.close\"}\0";
        if self.commands.write_all(close).is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Finds the browser: the one that is named, or the first of the usual ones.
fn program() -> PathBuf {
    if let Some(named) = std::env::var_os("TOOLKIT_TEST_CHROMIUM") {
        return named.into();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let found = names.iter().find_map(|name| {
        std::env::split_paths(&folders)
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    });
    found.unwrap_or_else(|| {
        panic!("no Chromium is found; hint: scripts/test installs it, or name one in TOOLKIT_TEST_CHROMIUM")
    })
}
