//! Errors as the caller sees them: `application/problem+json` (RFC 9457).

use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An answer that something is wrong: the status, and what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    header: Option<(HeaderName, &'static str)>,
    closes: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    /// A problem with a status and what there is to say about it.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            header: None,
            closes: false,
        }
    }

    /// The request is understood but what it says cannot be used.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Something has to be done on the server first.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// A fault of the service: the cause goes to the log, the caller learns nothing of it.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!("{cause:#}");
        Self::unexplained()
    }

    /// A fault of the service whose cause is in the log already.
    pub fn unexplained() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the request could not be answered; the cause is in the log of the service",
        )
    }

    /// The same problem, found before the body was read: the connection ends with the answer, and
    /// the caller is told so, since another request could not follow an unread body.
    pub fn body_unread(mut self) -> Self {
        self.closes = true;
        self
    }

    /// The same problem with a header that its status calls for.
    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        // Three strings and a number cannot fail to become JSON.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let content_type = [(CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, content_type, body).into_response();
        let closing = self.closes.then_some((CONNECTION, "close"));
        for (name, value) in self.header.into_iter().chain(closing) {
            let value = HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response
    }
}
