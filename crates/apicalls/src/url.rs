//! Where the service is.

use risk_core::Config;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use ureq::http::Uri;

/// The address of the service: `http://` or `https://`, a host, perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(String);

impl ApiUrl {
    /// Where the service of this configuration listens, as seen from the same machine.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let mut address = config.api.bind;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        Self(format!("http://{address}"))
    }

    /// The address of an endpoint; `path` begins with a slash.
    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for ApiUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected an address such as http://127.0.0.1:8000";
        let uri: Uri = text
            .parse()
            .map_err(|error| format!("{error}; {expected}"))?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        if !is_web || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
            return Err(expected.into());
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_scheme_and_host() {
        for text in [
            "",
            "localhost:8000",
            "/scoring",
            "ftp://host",
            "http://h?x=1",
        ] {
            assert!(text.parse::<ApiUrl>().is_err(), "{text}");
        }
        let url: ApiUrl = "https://host.example/risk/".parse().unwrap();
        assert_eq!(
            url.endpoint("/scoring"),
            "https://host.example/risk/scoring"
        );
    }

    #[test]
    fn a_service_on_every_address_is_reached_on_this_machine() {
        let project = testkit::Project::new();
        for (bind, url) in [
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:9000", "http://[::1]:9000"),
        ] {
            let setting = format!("api.bind={bind}").parse().unwrap();
            let config = risk_core::config::load(&project.config(), &[setting]).unwrap();
            assert_eq!(ApiUrl::of(&config).to_string(), url);
        }
    }
}
