//! How far a Postgres server's certificate is trusted: libpq's `sslmode`, on rustls.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
};

use super::address::{CertificateCheck, ServerAddress};
use super::error::{Error, Result};
use crate::tls;

/// Builds the TLS configuration that `address` asks for.
pub fn configuration(address: &ServerAddress) -> Result<ClientConfig> {
    let refused = |error: &dyn std::fmt::Display| Error::Address(error.to_string());
    if address.certificate_check == CertificateCheck::AuthorityAndName {
        let pem = root_certificates(address)?;
        let only_these = pem.is_some();
        return tls::client_config(pem.as_deref(), only_these).map_err(|error| refused(&error));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let authority = if address.certificate_check == CertificateCheck::Authority {
        let pem = root_certificates(address)?;
        let only_these = pem.is_some();
        let roots: RootCertStore =
            tls::root_certificates(pem.as_deref(), only_these).map_err(|error| refused(&error))?;
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone())
            .build()
            .map_err(|error| refused(&error))?;
        Some(verifier)
    } else {
        None
    };
    let verifier = Arc::new(WithoutName {
        authority,
        provider: provider.clone(),
    });
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

fn root_certificates(address: &ServerAddress) -> Result<Option<Vec<u8>>> {
    match &address.root_certificates {
        Some(path) => std::fs::read(path)
            .map(Some)
            .map_err(|error| Error::Address(format!("sslrootcert {}: {error}", path.display()))),
        None => Ok(None),
    }
}

/// Checks the issuer where one is asked for, and never the name: what libpq calls `verify-ca`, and below
/// that `require` and `prefer`, which encrypt without knowing to whom.
#[derive(Debug)]
struct WithoutName {
    authority: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for WithoutName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(authority) = &self.authority else {
            return Ok(ServerCertVerified::assertion());
        };
        match authority.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        ) {
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
