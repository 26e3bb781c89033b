//! What an input is, by content first and by name last.
//!
//! Owns: [`Format`] and recognising it. Does not own: reading any of them. A format that is recognised but not
//! read is told by its name, so that nobody has to guess what is wrong with the file.

mod bytes;
mod content;

pub(crate) use bytes::of_bytes;
pub(crate) use content::of_text;

/// What detection found.
pub(crate) enum Found {
    /// A format with a name.
    Named(Format),
    /// Neither text nor a format of seeds; the word says what it looks like.
    Binary(&'static str),
    /// Text; or, after [`of_text`], delimited text.
    Text,
}

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A format that can be named. Delimited text is read; the others are recognised.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Format { $($(#[$doc])* $variant,)* }

        impl Format {
            /// Its name as its makers write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

formats! {
    /// CSV and its kin.
    Delimited = "delimited text",
    /// Office Open XML workbook.
    Xlsx = "XLSX workbook",
    /// An encrypted Office document.
    XlsxEncrypted = "password-protected Office document",
    /// The older Excel format, locked.
    XlsEncrypted = "password-protected XLS workbook",
    /// The older Excel format.
    Xls = "XLS workbook",
    /// ZIP archive.
    Zip = "ZIP archive",
    /// ZIP archive with encrypted members.
    ZipEncrypted = "encrypted ZIP archive",
    /// 7z archive.
    SevenZip = "7z archive",
    /// gzip.
    Gzip = "gzip file",
    /// age.
    Age = "age-encrypted file",
    /// PGP message, armoured or binary.
    Pgp = "PGP message",
    /// A key instead of a message.
    PgpKey = "PGP key (not a message)",
    /// A signature without what was signed.
    PgpSignature = "PGP signature (not a message)",
    /// S/MIME or CMS.
    Smime = "S/MIME (CMS) message",
    /// PDF.
    Pdf = "PDF document",
    /// The binary form of a workbook.
    Xlsb = "XLSB workbook",
    /// OpenDocument: not read.
    Ods = "OpenDocument spreadsheet",
    /// Word, PowerPoint and their kin.
    OfficeDocument = "Office document without a sheet",
    /// Rich text.
    Rtf = "RTF text",
    /// Files put one after the other.
    Tar = "tar archive",
    /// A private key in PEM.
    PrivateKey = "private key (PEM)",
    /// A public key in PEM.
    PublicKey = "public key (PEM)",
    /// A certificate in PEM.
    Certificate = "certificate (PEM)",
    /// The secret key of age.
    AgeIdentity = "age identity",
    /// What `sha256sum` and its kin write.
    Checksums = "list of checksums",
    /// RFC 6030 and its drafts.
    Pskc = "PSKC",
    /// SafeNet/Aladdin.
    SafeNet = "SafeNet XML",
    /// Deepnet DualShield.
    DualShield = "Deepnet DualShield XML",
    /// RSA.
    SecurId = "RSA SecurID token file",
    /// A web page, most often a sign-in page saved by mistake.
    Html = "HTML page",
    /// Any other XML.
    Xml = "XML",
    /// Body of a Graph import.
    GraphJson = "Graph JSON",
    /// What Graph lists: it holds no seeds.
    GraphListing = "Graph listing (holds no seeds)",
    /// Soft tokens of an app.
    Aegis = "Aegis JSON",
    /// Soft tokens of an app.
    TwoFas = "2FAS JSON",
    /// Any other JSON.
    Json = "JSON",
    /// Key URIs.
    Otpauth = "otpauth URIs",
    /// Export of an authenticator app.
    OtpauthMigration = "otpauth-migration URI",
    /// SafeWord.
    SafeWord = "SafeWord .dat",
    /// Authenex.
    Authenex = "Authenex SQL",
    /// Yubico's personalisation log.
    YubicoTraditional = "Yubico traditional CSV",
    /// Yubico's key storage.
    Ykksm = "Yubico ykksm CSV",
    /// RCDevs.
    RcDevs = "RCDevs WebADM inventory",
    /// Nexus.
    Nexus = "Nexus token list",
    /// SecureAuth.
    SecureAuth = "SecureAuth token list",
    /// OneSpan; needs the vendor's toolkit and transport key.
    Dpx = "OneSpan DPX",
}
