//! Asking the registry which versions of a package there are, within a limit of time.

use semver::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const N_THREADS: usize = 8;

/// The package registry: its sparse index, a file for each package with a line of JSON for each
/// version (<https://doc.rust-lang.org/cargo/reference/registry-index.html>).
#[derive(Debug, Clone)]
pub struct Registry {
    /// Where its index is.
    pub base_url: String,
    /// How long to wait for all answers together.
    pub limit: Duration,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            base_url: "https://index.crates.io".to_owned(),
            limit: Duration::from_secs(5),
        }
    }
}

/// A published version of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// The version.
    #[serde(rename = "vers")]
    pub version: Version,
    /// Whether it was withdrawn.
    #[serde(default)]
    pub yanked: bool,
    /// The Rust version it says it needs.
    #[serde(default)]
    pub rust_version: Option<String>,
}

/// All versions of a package, or why they are not known.
pub type Heard = Result<Vec<Published>, String>;

impl Registry {
    /// Asks for the versions of each package, several at a time, and returns when all answers are
    /// there or the limit is over.
    pub fn ask(&self, packages: Vec<String>) -> BTreeMap<String, Heard> {
        let deadline = Instant::now() + self.limit;
        let mut heard: BTreeMap<String, Heard> = packages
            .iter()
            .map(|package| (package.clone(), Err(self.no_answer())))
            .collect();
        let answers = self.start_asking(packages, deadline);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // Ends when all threads are done, or at the deadline.
            let Ok((package, answer)) = answers.recv_timeout(left) else {
                return heard;
            };
            heard.insert(package, answer);
        }
    }

    /// The threads are not waited for: nothing they hang in, such as a name server, can hold up the
    /// run. Their requests end at the deadline too.
    fn start_asking(
        &self,
        packages: Vec<String>,
        deadline: Instant,
    ) -> mpsc::Receiver<(String, Heard)> {
        let (sender, receiver) = mpsc::channel();
        let agent = agent();
        let packages: Arc<[String]> = packages.into();
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..N_THREADS.min(packages.len()) {
            let (registry, agent, sender) = (self.clone(), agent.clone(), sender.clone());
            let (packages, next) = (Arc::clone(&packages), Arc::clone(&next));
            thread::spawn(move || {
                while let Some(package) = packages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = registry.versions(&agent, package, deadline);
                    if sender.send((package.clone(), answer)).is_err() {
                        return;
                    }
                }
            });
        }
        receiver
    }

    fn versions(&self, agent: &Agent, package: &str, deadline: Instant) -> Heard {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.no_answer());
        }
        let url = format!("{}/{}", self.base_url, index_path(package));
        let request = agent.get(url).config().timeout_global(Some(left)).build();
        let text = request
            .call()
            .and_then(|mut response| response.body_mut().read_to_string())
            .map_err(|error| self.explain(&error))?;
        parse(&text)
    }

    fn explain(&self, error: &ureq::Error) -> String {
        match error {
            ureq::Error::Timeout(_) => self.no_answer(),
            ureq::Error::StatusCode(404) => "the registry does not know this package".to_owned(),
            ureq::Error::StatusCode(code) => format!("the registry answered with status {code}"),
            error => format!("cannot reach the registry: {error}"),
        }
    }

    fn no_answer(&self) -> String {
        let limit_s = self.limit.as_secs_f64();
        format!("the registry did not answer within {limit_s} s")
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .user_agent(concat!("risk-diagnostics/", env!("CARGO_PKG_VERSION")))
        .max_idle_connections_per_host(N_THREADS)
        .tls_config(TlsConfig::builder().root_certs(root_certificates()).build())
        .build()
        .new_agent()
}

/// The certificates that this machine trusts, as cargo takes them; where it has none, those that
/// come with the program.
fn root_certificates() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return RootCerts::WebPki;
    }
    let certificates = found
        .iter()
        .map(|found| Certificate::from_der(found).to_owned());
    RootCerts::Specific(Arc::new(certificates.collect()))
}

/// Where the index keeps a package. Names are ASCII.
fn index_path(package: &str) -> String {
    let name = package.to_ascii_lowercase();
    match name.len() {
        0..=2 => format!("{}/{name}", name.len()),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

/// As cargo does, skips lines it cannot read: a later format may have some.
fn parse(text: &str) -> Heard {
    let published: Vec<Published> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    if published.is_empty() {
        return Err("the answer of the registry cannot be read".to_owned());
    }
    Ok(published)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dependencies::test_server::serve;
    use std::net::{SocketAddr, TcpListener};
    use std::sync::mpsc::Sender;

    fn ask(address: SocketAddr, limit: Duration, packages: &[&str]) -> BTreeMap<String, Heard> {
        let registry = Registry {
            base_url: format!("http://{address}"),
            limit,
        };
        registry.ask(packages.iter().map(|name| (*name).to_owned()).collect())
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn every_package_is_asked_for_at_its_place_in_the_index() {
        let address = serve(|path| match path {
            "/1/a" | "/2/ab" | "/3/a/abc" | "/ab/cd/abcd" => (
                200,
                "{\"vers\":\"1.0.0\",\"yanked\":true,\"deps\":[]}\n\
                 {\"vers\":\"1.1.0\",\"yanked\":false,\"rust_version\":\"1.60\"}\n"
                    .to_owned(),
            ),
            _ => (404, String::new()),
        });
        let heard = ask(address, LONG, &["a", "ab", "abc", "ABcd", "other"]);
        for package in ["a", "ab", "abc", "ABcd"] {
            let published = heard[package].as_ref().unwrap();
            assert_eq!(published[0].version.to_string(), "1.0.0");
            assert!(published[0].yanked && !published[1].yanked);
            assert_eq!(published[1].rust_version.as_deref(), Some("1.60"));
        }
        assert_eq!(
            heard["other"].as_ref().unwrap_err(),
            "the registry does not know this package"
        );
    }

    #[test]
    fn more_packages_than_threads_are_all_answered() {
        let address = serve(|_| (200, "{\"vers\":\"1.0.0\"}".to_owned()));
        let names: Vec<String> = (0..3 * N_THREADS).map(|i| format!("package{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let heard = ask(address, LONG, &names);
        assert_eq!(heard.len(), names.len());
        assert!(heard.values().all(Result::is_ok), "{heard:?}");
    }

    #[test]
    fn a_server_error_and_garbage_are_told() {
        let address = serve(|path| match path {
            "/br/ok/broken" => (500, String::new()),
            "/so/me/some" => (
                200,
                "garbage\n{\"vers\":\"1.0.0\"}\n{\"vers\":1}".to_owned(),
            ),
            _ => (200, "<html>please log in</html>".to_owned()),
        });
        let heard = ask(address, LONG, &["broken", "some", "garbage"]);
        assert_eq!(
            heard["broken"].as_ref().unwrap_err(),
            "the registry answered with status 500"
        );
        assert_eq!(heard["some"].as_ref().unwrap().len(), 1);
        assert_eq!(
            heard["garbage"].as_ref().unwrap_err(),
            "the answer of the registry cannot be read"
        );
    }

    #[test]
    fn nobody_there_is_told() {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let heard = ask(address, LONG, &["package"]);
        let reason = heard["package"].as_ref().unwrap_err();
        assert!(
            reason.starts_with("cannot reach the registry: "),
            "{reason}"
        );
    }

    #[test]
    fn a_registry_that_does_not_answer_is_left_at_the_limit_and_other_answers_are_kept() {
        let (hold, held): (Sender<()>, _) = mpsc::channel();
        let held = Arc::new(std::sync::Mutex::new(held));
        let address = serve(move |path| {
            if path == "/sl/ow/slow" {
                // Until the test ends.
                let _ = held.lock().unwrap().recv();
            }
            (200, "{\"vers\":\"1.0.0\"}".to_owned())
        });
        let started = Instant::now();
        let heard = ask(address, Duration::from_millis(1500), &["slow", "fast"]);
        assert!(started.elapsed() < LONG);
        assert!(heard["fast"].is_ok(), "{heard:?}");
        assert_eq!(
            heard["slow"].as_ref().unwrap_err(),
            "the registry did not answer within 1.5 s"
        );
        drop(hold);
    }
}
