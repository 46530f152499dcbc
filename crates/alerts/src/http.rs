//! Calls over HTTP: the webhook and the heartbeat. The address is a secret.

use crate::{Message, Undelivered};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// An address that is a secret: it cannot be printed.
#[derive(Clone)]
pub struct Address(Uri);

impl Address {
    /// Takes an `http://` or `https://` address.
    ///
    /// # Errors
    /// When it is none; the error does not repeat it.
    pub fn new(text: &str) -> Result<Self, Undelivered> {
        let uri: Option<Uri> = text.trim().parse().ok();
        let is_web = |uri: &Uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
        };
        uri.filter(is_web)
            .map(Self)
            .ok_or_else(|| Undelivered("it holds no http:// or https:// address".into()))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(secret)")
    }
}

/// Sends a message. Success is any status from 200 to 299.
pub(crate) fn post(
    address: &Address,
    message: &Message,
    limit: Duration,
) -> Result<(), Undelivered> {
    let answer = agent(limit)
        .post(address.0.clone())
        .header("content-type", "application/json")
        .send(message.json().to_string());
    accept(answer.map(|answer| answer.status().as_u16()), limit)
}

/// Calls the address of a heartbeat with GET.
///
/// # Errors
/// [`Undelivered`] when it does not answer with a status from 200 to 299 within the limit.
pub fn beat(address: &Address, limit: Duration) -> Result<(), Undelivered> {
    let answer = agent(limit).get(address.0.clone()).call();
    accept(answer.map(|answer| answer.status().as_u16()), limit)
}

fn accept(status: Result<u16, Error>, limit: Duration) -> Result<(), Undelivered> {
    match status {
        Ok(200..=299) => Ok(()),
        Ok(status) => Err(Undelivered(format!("the receiver answered {status}"))),
        Err(error) => Err(Undelivered(explain(&error, limit))),
    }
}

/// What went wrong, in words of our own: those of the library may hold the address.
fn explain(error: &Error, limit: Duration) -> String {
    match error {
        Error::Timeout(_) => format!("no answer within {} s", limit.as_secs_f64()),
        Error::HostNotFound => "its host is not known".into(),
        Error::ConnectionFailed => "no connection to its host".into(),
        Error::Io(error) => format!("no connection, or it broke: {}", error.kind()),
        Error::TlsRequired | Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => {
            "no safe connection: its certificate is not accepted by this machine".into()
        }
        Error::TooManyRedirects | Error::RedirectFailed => "it redirects elsewhere".into(),
        _ => "it does not answer as HTTP does".into(),
    }
}

fn agent(limit: Duration) -> Agent {
    Agent::config_builder()
        .user_agent(concat!("risk-alerts/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(limit))
        .timeout_connect(Some(CONNECT.min(limit)))
        .http_status_as_error(false)
        // A webhook that has moved is told of, not followed with the message.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .tls_config(TlsConfig::builder().root_certs(root_certificates()).build())
        .build()
        .new_agent()
}

/// The certificates that this machine trusts; where it has none, those that come with the program.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_never_repeated() {
        let address = Address::new("https://hooks.example/services/SECRET").unwrap();
        assert!(!format!("{address:?}").contains("SECRET"));
        for text in [
            "hooks.example/SECRET",
            "ftp://h/SECRET",
            "",
            "https:///SECRET",
            "http://a b/SECRET",
        ] {
            let error = Address::new(text).unwrap_err();
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
    }
}
