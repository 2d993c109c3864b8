//! A web server over TLS, under an authority that is made when it starts and that nobody else trusts.

use std::collections::HashMap;
use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::{Answer, Request};

/// A running server; its thread ends with the process.
pub struct TlsServer {
    address: SocketAddr,
    authority: String,
}

impl TlsServer {
    /// Starts a server on `localhost` that answers each path with its page.
    pub fn start(pages: &[(&str, &str)]) -> Self {
        let (config, authority) = identity(&[]);
        let pages: HashMap<String, Answer> = pages
            .iter()
            .map(|(path, html)| ((*path).to_owned(), Answer::page(*html)))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").expect("cannot listen on a loopback port");
        let address = listener.local_addr().expect("the port is bound");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, pages) = (Arc::clone(&config), pages.clone());
                // An error is the client's going away.
                thread::spawn(move || converse(stream, config, &pages));
            }
        });
        Self { address, authority }
    }

    /// Returns the URL of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    /// Returns the authority's certificate in PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

/// Makes a server's configuration for `localhost` with these protocols (RFC 7301), and the certificate of its
/// authority in PEM.
pub(super) fn identity(protocols: &[&[u8]]) -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has protocols")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .expect("the key is the certificate's");
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    (Arc::new(config), authority.pem())
}

fn converse(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    pages: &HashMap<String, Answer>,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    while let Some(request) = Request::read(&mut stream)? {
        let answer = pages.get(request.path()).cloned();
        let answer = answer.unwrap_or_else(|| Answer::status(404));
        if !answer.write(stream.get_mut(), &request)? {
            break;
        }
    }
    Ok(())
}
