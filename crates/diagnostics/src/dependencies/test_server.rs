//! A registry for tests.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

/// A server of this machine that answers each connection once. It ends with the test.
pub fn serve(answer: impl Fn(&str) -> (u16, String) + Send + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), answer.clone());
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request = lines.next().unwrap().unwrap();
                while lines.next().unwrap().unwrap() != "" {}
                let (status, body) = answer(request.split(' ').nth(1).unwrap());
                let length = body.len();
                let head =
                    format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {length}");
                // The one who asked may have given up.
                let _ = write!(stream, "{head}\r\n\r\n{body}");
            });
        }
    });
    address
}
