//! Running the service: the socket, the threads, and an end that lets requests finish.

use crate::routes;
use crate::state::Service;
use anyhow::{Context, Result};
use risk_core::Run;
use risk_core::shell;
use serde::Serialize;
use std::fmt;
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// How many requests read data or apply the model at the same time; the others wait. Bounds the
/// memory: a request holds its whole table.
const WORKERS: usize = 16;
/// How long requests in progress may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What the caller decides.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where to listen; by default `api.bind` of the configuration. Port 0 takes a free one.
    pub bind: Option<SocketAddr>,
}

/// What there is to say after the service has stopped.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Where it listened.
    pub url: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped listening on {}", self.url)
    }
}

impl shell::Outcome for Outcome {
    fn is_silent(&self) -> bool {
        true
    }
}

/// Serves until SIGINT or SIGTERM, then answers the requests in progress, for at most 10 s.
///
/// `ready` is called once with the address, its real port included, as soon as connections are
/// accepted.
///
/// # Errors
/// When the address cannot be listened on, or the service cannot be set up.
pub fn serve(run: &Run, options: &Options, ready: impl FnOnce(SocketAddr)) -> Result<Outcome> {
    let wanted = options.bind.unwrap_or(run.config.api.bind);
    let listener = listen(wanted).with_context(|| {
        format!("cannot listen on {wanted}; is it in use? choose another address with --bind")
    })?;
    let address = listener
        .local_addr()
        .context("cannot find the address that was bound")?;
    let runtime = runtime().context("cannot start the threads of the service")?;
    let service = Arc::new(Service::new(&run.config, run.now));
    let served = runtime.block_on(serve_until_stopped(listener, service, || ready(address)));
    // What has not ended within its time is not waited for.
    runtime.shutdown_background();
    served?;
    Ok(Outcome {
        url: format!("http://{address}"),
    })
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(WORKERS)
        .build()
}

async fn serve_until_stopped(
    listener: TcpListener,
    service: Arc<Service>,
    ready: impl FnOnce(),
) -> Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let stopped = stop_signal()?;
    tracing::info!("listening on http://{}", listener.local_addr()?);
    ready();
    tokio::spawn(async move {
        stopped.await;
        tracing::info!("stopping");
        let _ = stop.send(true);
    });
    let server = axum::serve(listener, routes::router(service))
        .with_graceful_shutdown(is_true(stopping.clone()));
    tokio::select! {
        served = server => served.context("the service failed"),
        () = out_of_time(stopping) => {
            tracing::warn!("stopped with requests unanswered after {} s", GRACE.as_secs());
            Ok(())
        }
    }
}

async fn is_true(mut flag: tokio::sync::watch::Receiver<bool>) {
    // Fails when the sender is gone, which means the same: the end.
    let _ = flag.wait_for(|flag| *flag).await;
}

async fn out_of_time(stopping: tokio::sync::watch::Receiver<bool>) {
    is_true(stopping).await;
    tokio::time::sleep(GRACE).await;
}

/// Listens for the signals from here on; the future ends with the first of them.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
