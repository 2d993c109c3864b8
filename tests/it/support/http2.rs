//! HTTP/2 (RFC 9113) as far as a test of long heads needs it: each request of a connection gets the same page,
//! with as many bytes of headers as the test says.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::tls::identity;

const PREFACE: usize = 24;
/// The most of a frame, which no client has to raise.
const FRAME: usize = 16_384;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// Begins a header that goes into the table of both ends.
const KEPT: u8 = 0x40;
/// Means the header that went there last.
const FIRST_KEPT: u8 = 0xbe;

const PAGE: &[u8] = b"<!doctype html><title>Page</title><p>A page.";

/// How long the headers of an answer are.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// At least so many bytes.
    Bytes(usize),
    /// So many of one header, which is sent once and then meant by its number (RFC 7541, 6.1).
    Repeated(usize),
    Endless,
}

/// A running server; its thread ends with the process.
pub struct Http2Server {
    address: SocketAddr,
    authority: String,
}

impl Http2Server {
    /// Starts a server on `localhost` whose answers have so many headers.
    pub fn start(head: Length) -> Self {
        let (config, authority) = identity(&[b"h2"]);
        let listener = TcpListener::bind("127.0.0.1:0").expect("cannot listen on a loopback port");
        let address = listener.local_addr().expect("the port is bound");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                // An error is the client's going away.
                thread::spawn(move || converse(stream, config, head));
            }
        });
        Self { address, authority }
    }

    /// Returns the URL of the page.
    pub fn url(&self) -> String {
        format!("https://localhost:{}/", self.address.port())
    }

    /// Returns the authority's certificate in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

fn converse(stream: TcpStream, config: Arc<ServerConfig>, head: Length) -> io::Result<()> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    stream.read_exact(&mut [0; PREFACE])?;
    send(&mut stream, SETTINGS, 0, 0, &[])?;
    loop {
        let mut frame = [0; 9];
        stream.read_exact(&mut frame)?;
        let length = u32::from_be_bytes([0, frame[0], frame[1], frame[2]]);
        let number = u32::from_be_bytes([frame[5], frame[6], frame[7], frame[8]]);
        stream.read_exact(&mut vec![0; length as usize])?;
        match (frame[3], frame[4]) {
            (SETTINGS, 0) => send(&mut stream, SETTINGS, ACK, 0, &[])?,
            (HEADERS, _) => answer(&mut stream, number, head)?,
            _ => {}
        }
    }
}

fn answer(stream: &mut impl Write, number: u32, head: Length) -> io::Result<()> {
    let filler = field("x-filler", &"x".repeat(8_000));
    // The status is 200, the eighth of the static table (RFC 7541, A).
    let mut block = vec![0x88];
    block.extend(field("content-type", "text/html"));
    match head {
        Length::Bytes(head) => {
            while block.len() < head {
                block.extend(&filler);
            }
        }
        Length::Repeated(count) => {
            let mut kept = field("x-filler", &"x".repeat(4_000));
            kept[0] = KEPT;
            block.extend(kept);
            block.extend(vec![FIRST_KEPT; count]);
        }
        Length::Endless => {
            send(stream, HEADERS, 0, number, &block)?;
            loop {
                send(stream, CONTINUATION, 0, number, &filler)?;
            }
        }
    }
    let frames: Vec<&[u8]> = block.chunks(FRAME).collect();
    for (index, frame) in frames.iter().enumerate() {
        let kind = if index == 0 { HEADERS } else { CONTINUATION };
        let is_last = index + 1 == frames.len();
        let flags = if is_last { END_HEADERS } else { 0 };
        send(stream, kind, flags, number, frame)?;
    }
    send(stream, DATA, END_STREAM, number, PAGE)
}

/// A header that no table keeps, neither compressed (RFC 7541, 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0];
    for text in [name, value] {
        let mut length = text.len();
        if length < 127 {
            field.push(length as u8);
        } else {
            field.push(127);
            length -= 127;
            while length >= 128 {
                field.push((length % 128 + 128) as u8);
                length /= 128;
            }
            field.push(length as u8);
        }
        field.extend(text.as_bytes());
    }
    field
}

fn send(stream: &mut impl Write, kind: u8, flags: u8, number: u32, load: &[u8]) -> io::Result<()> {
    let length = (load.len() as u32).to_be_bytes();
    stream.write_all(&length[1..])?;
    stream.write_all(&[kind, flags])?;
    stream.write_all(&number.to_be_bytes())?;
    stream.write_all(load)?;
    stream.flush()
}
