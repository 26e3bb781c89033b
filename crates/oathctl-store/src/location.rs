//! Where a store lies, as the setting says it.
//!
//! Owns: [`StoreLocation`], [`ServerLocation`], their spelling, and which servers may be spoken to without TLS. Does
//! not own: the default (the binary knows the state folder), reading a password's file.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;
use zeroize::Zeroizing;

use crate::error::StoreError;

/// Where a store lies.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreLocation {
    /// A SQLite database file on a local disk.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Box<ServerLocation>),
}

impl StoreLocation {
    /// A SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(path.into())
    }

    /// Reads `sqlite:PATH` (also `sqlite://PATH`) or `postgres://USER@HOST[:PORT]/DATABASE[?…]` (also `postgresql:`),
    /// with `schema`, `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, and for a socket `host` (its folder) and `user`.
    ///
    /// # Errors
    /// [`StoreError::BadLocation`]. It never repeats the text: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return Ok(Self::Postgres(Box::new(ServerLocation::parse(text)?)));
        }
        let Some(path) = text.strip_prefix("sqlite:") else {
            return Err(bad("it has to begin with `sqlite:` or `postgres:`"));
        };
        match path.strip_prefix("//").unwrap_or(path) {
            "" => Err(bad("`sqlite:` needs the path of a file")),
            path if path.starts_with(":memory:") => Err(bad("a journal in memory would not outlive its run")),
            path => Ok(Self::sqlite(path)),
        }
    }

    /// The same with the password for the server; a file needs none and stays as it is.
    #[must_use]
    pub fn with_password(self, password: Zeroizing<String>) -> Self {
        match self {
            Self::Postgres(mut location) => {
                location.password = Some(Password(password));
                Self::Postgres(location)
            }
            file @ Self::Sqlite(_) => file,
        }
    }
}

/// A database on a PostgreSQL server, and the schema in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLocation {
    /// `postgres://USER@HOST:PORT/DATABASE`, without parameters.
    url: Url,
    /// The folder of a socket instead of host and port.
    socket: Option<PathBuf>,
    user: String,
    schema: String,
    tls: Tls,
    password: Option<Password>,
}

/// What a session is wrapped in. There is nothing between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Tls {
    /// None: a socket, or loopback.
    #[default]
    Plain,
    /// The server's certificate has to be for its name, by a root of the system's or this one.
    Verified { root: Option<PathBuf>, certificate: Option<PathBuf>, key: Option<PathBuf> },
}

/// Never shown.
#[derive(Clone)]
struct Password(Zeroizing<String>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.0.as_bytes(), other.0.as_bytes()).into()
    }
}

impl Eq for Password {}

/// What stands after the `?`.
#[derive(Default)]
struct Parameters {
    host: Option<String>,
    user: Option<String>,
    schema: Option<String>,
    mode: Option<String>,
    root: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Parameters {
    fn of(url: &Url) -> Result<Self, StoreError> {
        let mut found = Self::default();
        for (name, value) in url.query_pairs() {
            let value = value.into_owned();
            match &*name {
                "host" => found.host = Some(value),
                "user" => found.user = Some(value),
                "schema" => found.schema = Some(value),
                "sslmode" => found.mode = Some(value),
                "sslrootcert" => found.root = Some(value.into()),
                "sslcert" => found.certificate = Some(value.into()),
                "sslkey" => found.key = Some(value.into()),
                "password" => return Err(bad(PASSWORD)),
                _ => {
                    return Err(bad(
                        "a parameter is none of schema, sslmode, sslrootcert, sslcert, sslkey, host, user",
                    ));
                }
            }
        }
        Ok(found)
    }
}

const PASSWORD: &str =
    "a password does not belong there: name a file that holds it (OATHCTL_STORE_PASSWORD_FILE, PGPASSFILE)";

impl ServerLocation {
    fn parse(text: &str) -> Result<Self, StoreError> {
        let mut url = Url::parse(text).map_err(|_| bad("it is no `postgres://USER@HOST/DATABASE`"))?;
        if url.password().is_some() {
            return Err(bad(PASSWORD));
        }
        let parameters = Parameters::of(&url)?;
        url.set_query(None);
        url.set_fragment(None);
        let database = url.path().trim_start_matches('/');
        if database.is_empty() || database.contains('/') {
            return Err(bad("it names no database: `postgres://USER@HOST/DATABASE`"));
        }
        let user = if url.username().is_empty() { parameters.user } else { Some(decoded(url.username())?) };
        let user = user.filter(|user| !user.is_empty());
        let user = user.ok_or(bad("it names no user: `postgres://USER@HOST/DATABASE`"))?;
        let socket =
            parameters.host.map(|host| if host.starts_with('/') { Ok(host.into()) } else { Err(()) });
        let socket = socket
            .transpose()
            .map_err(|()| bad("`host=` is for the folder of a socket; it begins with `/`"))?;
        if socket.is_none() && url.host_str().is_none_or(str::is_empty) {
            return Err(bad("it names no host: `postgres://USER@HOST/DATABASE`"));
        }
        let is_near = socket.is_some() || url.host_str().is_some_and(is_loopback);
        let verified =
            Tls::Verified { root: parameters.root, certificate: parameters.certificate, key: parameters.key };
        let tls = tls(parameters.mode.as_deref(), is_near, verified)?;
        let schema = parameters.schema.unwrap_or_else(|| "oathctl".to_owned());
        if !is_plain_name(&schema) {
            return Err(bad("a schema's name is up to 40 of a-z, 0-9 and _, and begins with a letter"));
        }
        Ok(Self { url, socket, user, schema, tls, password: None })
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// For the driver. It looks for a password in `PGPASSWORD`, the file `PGPASSFILE` and `~/.pgpass` where none was
    /// given.
    pub(crate) fn options(&self) -> Result<PgConnectOptions, StoreError> {
        let options = PgConnectOptions::from_str(self.url.as_str());
        let mut options = options.map_err(|_| bad("it is no `postgres://USER@HOST/DATABASE`"))?;
        options = options.username(&self.user).application_name("oathctl");
        if let Some(url::Host::Ipv6(address)) = self.url.host() {
            options = options.host(&address.to_string()); // without its brackets
        }
        if let Some(folder) = &self.socket {
            options = options.socket(folder);
        }
        if let Some(Password(password)) = &self.password {
            options = options.password(password);
        }
        Ok(match &self.tls {
            Tls::Plain => options.ssl_mode(PgSslMode::Disable),
            Tls::Verified { root, certificate, key } => {
                options = options.ssl_mode(PgSslMode::VerifyFull);
                options = root.iter().fold(options, |options, path| options.ssl_root_cert(path));
                options = certificate.iter().fold(options, |options, path| options.ssl_client_cert(path));
                key.iter().fold(options, |options, path| options.ssl_client_key(path))
            }
        })
    }
}

/// Verified TLS everywhere; on this machine none will do, and is the default.
fn tls(mode: Option<&str>, is_near: bool, verified: Tls) -> Result<Tls, StoreError> {
    match (mode, is_near) {
        (Some("verify-full"), _) | (None, false) => Ok(verified),
        (Some("disable") | None, true) => Ok(Tls::Plain),
        (Some(_), false) => {
            Err(bad("beyond loopback only `sslmode=verify-full` is possible, and it is the default"))
        }
        (Some(_), true) => Err(bad("`sslmode` is `verify-full` or, on loopback, `disable`")),
    }
}

/// Loopback by its number, or by the one name that stands for it (RFC 6761, section 6.3).
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A name that needs no quotes anywhere, with room for what is appended.
fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    name.len() <= 40
        && name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(plain)
        && !name.starts_with("pg_")
}

fn decoded(text: &str) -> Result<String, StoreError> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| bad("its user is not UTF-8"))
}

const fn bad(why: &'static str) -> StoreError {
    StoreError::BadLocation { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_file() {
        assert_eq!(StoreLocation::parse("sqlite:a/b.db").unwrap(), StoreLocation::sqlite("a/b.db"));
        assert_eq!(StoreLocation::parse(" sqlite:///a/b.db\n").unwrap(), StoreLocation::sqlite("/a/b.db"));
        assert_eq!(StoreLocation::parse("sqlite:C:\\x.db").unwrap(), StoreLocation::sqlite("C:\\x.db"));
    }

    fn server(text: &str) -> ServerLocation {
        match StoreLocation::parse(text) {
            Ok(StoreLocation::Postgres(location)) => *location,
            other => panic!("{other:?}"),
        }
    }

    fn mode(text: &str) -> PgSslMode {
        server(text).options().unwrap().get_ssl_mode()
    }

    #[test]
    fn a_server_is_read_with_user_schema_and_socket() {
        let plain = server("postgres://op%40x@db.example:6432/stock?schema=desk_1");
        let options = plain.options().unwrap();
        assert_eq!(
            (options.get_username(), options.get_host(), options.get_port()),
            ("op@x", "db.example", 6432)
        );
        assert_eq!((options.get_database(), plain.schema()), (Some("stock"), "desk_1"));
        let socket = server("postgresql:///stock?host=/run/postgresql&user=op");
        let options = socket.options().unwrap();
        assert_eq!((options.get_username(), socket.schema()), ("op", "oathctl"));
        assert_eq!(options.get_socket().map(PathBuf::as_path), Some(std::path::Path::new("/run/postgresql")));
        assert_eq!(server("postgres://op@[::1]/x").options().unwrap().get_host(), "::1");
    }

    #[test]
    fn h20_beyond_loopback_there_is_verified_tls_or_nothing() {
        for near in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"] {
            assert!(matches!(mode(&format!("postgres://op@{near}/x")), PgSslMode::Disable), "{near}");
            let verified = format!("postgres://op@{near}/x?sslmode=verify-full");
            assert!(matches!(mode(&verified), PgSslMode::VerifyFull), "{near}");
            assert!(StoreLocation::parse(&format!("postgres://op@{near}/x?sslmode=prefer")).is_err());
        }
        for far in ["db.example", "10.0.0.1", "127.1", "localhost.example", "0.0.0.0", "[::ffff:10.0.0.1]"] {
            assert!(matches!(mode(&format!("postgres://op@{far}/x")), PgSslMode::VerifyFull), "{far}");
            for weaker in ["disable", "allow", "prefer", "require", "verify-ca", ""] {
                let refused = StoreLocation::parse(&format!("postgres://op@{far}/x?sslmode={weaker}"));
                assert!(matches!(refused, Err(StoreError::BadLocation { .. })), "{far} {weaker}");
            }
        }
    }

    #[test]
    fn what_is_no_location_is_told_without_repeating_it() {
        for text in [
            "",
            "oathctl.db",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "mysql://u:hunter2@h/db",
            "postgres://u:hunter2@h/db",
            "postgresql://u:hunter2@h/db",
            "postgres://u@h/db?password=hunter2",
            "postgres://u@h/db?hunter2=1",
            "postgres://h/db",
            "postgres://u@h",
            "postgres://u@h/a/hunter2",
            "postgres:///db?user=u",
            "postgres://u@h/db?host=hunter2",
            "postgres://u@h/db?schema=a;hunter2",
            "postgres://u@h/db?schema=pg_x",
            "postgres:db",
        ] {
            let error = StoreLocation::parse(text).unwrap_err();
            assert!(matches!(error, StoreError::BadLocation { .. }), "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_password_comes_apart_and_is_not_shown() {
        let location = StoreLocation::parse("postgres://u@127.0.0.1/db").unwrap();
        let location = location.with_password(Zeroizing::new("hunter2".to_owned()));
        assert!(!format!("{location:?}").contains("hunter2"));
    }
}
