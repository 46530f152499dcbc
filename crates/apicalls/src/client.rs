//! Calls over HTTP that end in time, and say what went wrong.

use crate::returns::Return;
use crate::{ApiUrl, Call};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body, Timeout};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the question whether the service is up may take.
const HEALTH: Duration = Duration::from_secs(1);
/// The largest answer that is taken, bytes.
const MAX_ANSWER_BYTES: u64 = 1 << 30;

/// The service cannot be reached: it is not up, or not there.
#[derive(Debug)]
pub struct NotUp {
    url: String,
    cause: ureq::Error,
}

impl fmt::Display for NotUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, cause } = self;
        write!(
            f,
            "no service at {url} ({cause}); start it with the program api and the same --config, \
             or say where it is with --url"
        )
    }
}

impl std::error::Error for NotUp {}

/// Whether the service answers there, within a second, and is this one.
#[must_use]
pub fn is_up(url: &ApiUrl) -> bool {
    let client = Client::new(url, HEALTH);
    let Ok(mut response) = client.agent.get(url.endpoint("/healthz")).call() else {
        return false;
    };
    let status = response.status();
    let body = response.body_mut().with_config().limit(1024);
    let health = body.read_json::<Value>();
    status == 200 && health.is_ok_and(|health| health == json!({"status": "ok"}))
}

/// A caller of one service.
pub struct Client<'u> {
    url: &'u ApiUrl,
    agent: Agent,
}

impl<'u> Client<'u> {
    /// A caller that gives each call this much time.
    pub fn new(url: &'u ApiUrl, timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .timeout_connect(Some(CONNECT.min(timeout)))
            .http_status_as_error(false)
            .max_redirects(0)
            // The service is on this machine or near it, whatever the environment says of proxies.
            .proxy(None);
        Self {
            url,
            agent: config.build().new_agent(),
        }
    }

    /// Asks an endpoint with GET.
    pub fn get(&self, path: &'static str) -> Result<Return> {
        let response = self.agent.get(self.url.endpoint(path)).call();
        self.finish("GET", path, None, response)
    }

    /// Sends JSON to an endpoint.
    pub fn post(&self, path: &'static str, sent: Value) -> Result<Return> {
        let response = self.agent.post(self.url.endpoint(path)).send_json(&sent);
        self.finish("POST", path, Some(sent), response)
    }

    fn finish(
        &self,
        method: &'static str,
        path: &'static str,
        sent: Option<Value>,
        response: Result<Response<Body>, ureq::Error>,
    ) -> Result<Return> {
        let response = match response {
            Err(cause) if is_unreachable(&cause) => bail!(NotUp {
                url: self.url.to_string(),
                cause,
            }),
            response => response,
        };
        let answer = || -> Result<(u16, Value)> { read(response?) };
        let (status, received) =
            answer().with_context(|| format!("{method} {path} of {} failed", self.url))?;
        Ok(Return {
            call: Call {
                method,
                path,
                status,
            },
            sent,
            received,
        })
    }
}

fn is_unreachable(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => true,
        ureq::Error::Timeout(phase) => matches!(phase, Timeout::Connect | Timeout::Resolve),
        ureq::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::AddrNotAvailable
        ),
        _ => false,
    }
}

/// The status and JSON of an answer that is a success.
fn read(mut response: Response<Body>) -> Result<(u16, Value)> {
    let status = response.status();
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
    let text = body.read_to_string()?;
    let answer: Option<Value> = serde_json::from_str(&text).ok();
    if !status.is_success() {
        let detail = answer.as_ref().and_then(|answer| answer.get("detail"));
        match detail.and_then(Value::as_str) {
            Some(detail) => bail!("{status}: {detail}"),
            None => bail!("{status}"),
        }
    }
    match answer {
        Some(answer) => Ok((status.as_u16(), answer)),
        None => bail!("the answer is not JSON; is this the service of this system?"),
    }
}
