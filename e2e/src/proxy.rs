//! Owns the line between keepers and the chain, so that it can be cut: a TCP relay that, while cut, closes what is open
//! and refuses what comes.

use anyhow::Result;
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A relay to a port of this machine.
pub struct Proxy {
    /// The port to connect to.
    pub port: u16,
    is_cut: Arc<watch::Sender<bool>>,
}

impl Proxy {
    /// Listens on a free port and relays to `target`.
    pub async fn start(target: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let is_cut = Arc::new(watch::Sender::new(false));
        tokio::spawn(accept(listener, target, is_cut.clone()));
        Ok(Self { port, is_cut })
    }

    /// Cuts the line, or mends it.
    pub fn set_cut(&self, is_cut: bool) {
        self.is_cut.send_replace(is_cut);
    }
}

async fn accept(listener: TcpListener, target: u16, is_cut: Arc<watch::Sender<bool>>) {
    while let Ok((client, _)) = listener.accept().await {
        let mut cut = is_cut.subscribe();
        tokio::spawn(async move {
            if *cut.borrow() {
                return; // dropping the stream closes it
            }
            tokio::select! {
                _ = relay(client, target) => {}
                _ = cut.wait_for(|is_cut| *is_cut) => {}
            }
        });
    }
}

async fn relay(mut client: TcpStream, target: u16) -> Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", target)).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
