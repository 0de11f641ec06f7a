//! The certificates: a folder for each policy host with `cert.pem`, its chain, and `key.pem`; and one named `_default`.

use crate::journal::{self, Journal};
use mta_sts::Domain;
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use webpki::EndEntityCert;

/// What is shown where there is nothing of its own. No host has an underscore in its name.
const DEFAULT: &str = "_default";

/// The folder, and what was made of it.
///
/// The files are read anew for each connection, and taken in anew if they have changed. While they cannot be used, because one of them has been replaced
/// and the other not yet, say, those before them still are.
#[derive(Debug)]
pub(crate) struct Certificates {
    folder: PathBuf,
    provider: Arc<CryptoProvider>,
    loaded: Mutex<HashMap<PathBuf, Arc<Identity>>>,
    journal: Journal,
}

/// A certificate with its key.
#[derive(Debug)]
struct Identity {
    files: Files,
    key: Arc<CertifiedKey>,
    config: Arc<ServerConfig>,
}

/// The contents of the files.
#[derive(Debug, PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Certificates {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            provider: Arc::new(ring::default_provider()),
            loaded: Mutex::default(),
            journal: Journal::default(),
        }
    }

    /// What to show to a client that sent this name as SNI.
    ///
    /// The certificate is valid for the name, or there is none: "HTTP servers MUST respond with a certificate chain that matches the policy hostname or
    /// abort the TLS handshake" (RFC 8461 §7.1). Who sends no name is shown the fallback.
    pub(crate) fn config(&self, name: Option<&str>) -> Option<Arc<ServerConfig>> {
        let fallback = || self.identity(DEFAULT, None);
        let identity = match name {
            None => fallback(),
            Some(name) => {
                // A domain is made of letters, digits, hyphens and single dots between them: it cannot lead out of the folder.
                let name: Domain = name.parse().ok()?;
                self.identity(name.as_str(), Some(&name))
                    .or_else(|| fallback().filter(|it| it.is_valid_for(&name)))
            }
        };
        identity.map(|identity| Arc::clone(&identity.config))
    }

    /// Looks for the certificates of these hosts, so that what is wrong with them is told before clients find it.
    pub(crate) fn check(&self, hosts: impl Iterator<Item = String>) {
        for host in hosts {
            let folder = self.folder.join(&host);
            if self.config(Some(&host)).is_none() && !folder.exists() {
                self.journal.tell(
                    &folder,
                    &journal::error(&folder, "there is no certificate for this host"),
                );
            }
        }
    }

    /// What is in a folder now, or was there when it could last be used. `None` if there is no such folder, or never was anything of use in it.
    fn identity(&self, folder: &str, name: Option<&Domain>) -> Option<Arc<Identity>> {
        let folder = &self.folder.join(folder);
        let before = self.loaded().get(folder).cloned();
        let identity = match Files::read(folder) {
            Ok(files) => match before {
                Some(before) if before.files == files => return Some(before),
                _ => Identity::new(files, &self.provider).map_err(|error| error.to_string()),
            },
            Err(error) if error.kind() == ErrorKind::NotFound && !folder.exists() => {
                self.loaded().remove(folder);
                self.journal.forget(folder);
                return None;
            }
            Err(error) => Err(error.to_string()),
        };
        let identity = identity.and_then(|identity| match name {
            Some(name) if !identity.is_valid_for(name) => {
                Err(format!("the certificate is not for {name}"))
            }
            _ => Ok(identity),
        });
        match identity {
            Ok(identity) => {
                let identity = Arc::new(identity);
                self.loaded()
                    .insert(folder.to_owned(), Arc::clone(&identity));
                self.journal.tell(folder, "");
                Some(identity)
            }
            Err(error) => {
                let instead = match before {
                    Some(_) => "what was there before is still used",
                    None => "nothing is shown",
                };
                let complaint = format!("{error}; {instead}");
                self.journal
                    .tell(folder, &journal::error(folder, &complaint));
                before
            }
        }
    }

    fn loaded(&self) -> MutexGuard<'_, HashMap<PathBuf, Arc<Identity>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    /// Links are followed: the tools that renew certificates make them.
    fn read(folder: &Path) -> io::Result<Self> {
        let read = |name| {
            fs::read(folder.join(name)).map_err(|error| {
                io::Error::new(error.kind(), format!("cannot read `{name}`: {error}"))
            })
        };
        Ok(Self {
            certificate: read("cert.pem")?,
            key: read("key.pem")?,
        })
    }
}

impl Identity {
    fn new(files: Files, provider: &Arc<CryptoProvider>) -> Result<Self, Box<dyn Error>> {
        let chain = CertificateDer::pem_slice_iter(&files.certificate);
        let chain: Vec<_> = chain
            .collect::<Result<_, _>>()
            .map_err(|error| format!("cannot use `cert.pem`: {error}"))?;
        if chain.is_empty() {
            return Err("there is no certificate in `cert.pem`".into());
        }
        let key = PrivateKeyDer::from_pem_slice(&files.key)
            .map_err(|error| format!("cannot use `key.pem`: {error}"))?;
        let key = CertifiedKey::from_der(chain, key, provider)
            .map_err(|error| format!("`key.pem` does not belong to `cert.pem`: {error}"))?;
        let key = Arc::new(key);
        let mut config = ServerConfig::builder_with_provider(Arc::clone(provider))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(&key))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            files,
            key,
            config: Arc::new(config),
        })
    }

    fn is_valid_for(&self, name: &Domain) -> bool {
        let certificate = self
            .key
            .end_entity_cert()
            .ok()
            .and_then(|certificate| EndEntityCert::try_from(certificate).ok());
        let name = ServerName::try_from(name.as_str()).ok();
        let both = certificate.zip(name);
        both.is_some_and(|(certificate, name)| {
            certificate.verify_is_valid_for_subject_name(&name).is_ok()
        })
    }
}
