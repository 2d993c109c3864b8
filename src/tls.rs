//! TLS set-up shared by the crawler's HTTP client and the Postgres connection.
//!
//! Owns the choice of cryptography provider (ring, named explicitly so that no process-wide default is
//! needed) and of trusted roots. It must not open connections or decide when TLS is used.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Why no TLS configuration could be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The extra roots are no PEM text.
    #[error("cannot read root certificates: {0}")]
    Pem(rustls::pki_types::pem::Error),
    /// A certificate among the extra roots cannot serve as one.
    #[error("root certificate {number} is not usable: {cause}")]
    Certificate { number: usize, cause: rustls::Error },
    /// Only the extra roots are to be trusted, and there are none.
    #[error("no root certificate to trust")]
    NoRoots,
    /// The provider supports none of the protocol versions.
    #[error("cannot set up TLS: {0}")]
    Protocol(rustls::Error),
}

/// Makes a client configuration that trusts the system's roots and those in `extra_roots_pem`, or the
/// latter alone when `only_extra` is set.
///
/// A system without any root still gives a configuration: plain HTTP and files work there, and each
/// HTTPS connection fails by name.
pub fn client_config(
    extra_roots_pem: Option<&[u8]>,
    only_extra: bool,
) -> Result<ClientConfig, Error> {
    let roots = root_certificates(extra_roots_pem, only_extra)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::Protocol)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Returns the trusted roots: the system's and those in `extra_roots_pem`, or the latter alone.
pub fn root_certificates(
    extra_roots_pem: Option<&[u8]>,
    only_extra: bool,
) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    if !only_extra {
        // Systems carry the odd certificate that cannot be parsed; the others still count.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if let Some(pem) = extra_roots_pem {
        add_roots(&mut roots, pem)?;
    }
    if only_extra && roots.is_empty() {
        return Err(Error::NoRoots);
    }
    Ok(roots)
}

fn add_roots(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), Error> {
    let mut number = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        number += 1;
        let certificate = certificate.map_err(Error::Pem)?;
        roots
            .add(certificate)
            .map_err(|cause| Error::Certificate { number, cause })?;
    }
    if number == 0 {
        return Err(Error::Pem(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_roots_give_a_configuration() {
        assert!(client_config(None, false).is_ok());
    }

    #[test]
    fn unusable_roots_are_named() {
        let text = |pem: &[u8]| client_config(Some(pem), true).unwrap_err().to_string();
        assert!(text(b"no certificate here").starts_with("cannot read root certificates"));
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(text(broken).starts_with("root certificate 1 is not usable"));
        assert!(matches!(client_config(None, true), Err(Error::NoRoots)));
    }
}
