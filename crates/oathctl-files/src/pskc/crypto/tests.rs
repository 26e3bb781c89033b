use super::*;
use rsa::pkcs8::DecodePrivateKey;
use zeroize::Zeroizing;

fn bytes(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).unwrap()
}

fn opened(uri: &str, key: &str, sealed: &str) -> Option<String> {
    let key = Key::Secret(Zeroizing::new(bytes(key)));
    let plain = decrypt(Cipher::parse(uri).unwrap(), &key, None, &bytes(sealed), false)?;
    Some(data_encoding::HEXLOWER.encode(&plain))
}

/// RFC 3394 §4.1, §4.4, §4.6.
#[test]
fn aes_key_wrap() {
    let cases = [
        (
            "#kw-aes128",
            "000102030405060708090a0b0c0d0e0f",
            "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
            "00112233445566778899aabbccddeeff",
        ),
        (
            "#kw-aes192",
            "000102030405060708090a0b0c0d0e0f1011121314151617",
            "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2",
            "00112233445566778899aabbccddeeff0001020304050607",
        ),
        (
            "#kw-aes256",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
            "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
        ),
    ];
    for (uri, key, sealed, plain) in cases {
        assert_eq!(opened(uri, key, sealed).as_deref(), Some(plain), "{uri}");
        let altered = sealed.replacen('f', "e", 1);
        assert_eq!(opened(uri, key, &altered), None, "{uri}");
        assert_eq!(opened(uri, key, &sealed[..16]), None, "{uri}");
    }
}

/// RFC 5649 §6.
#[test]
fn aes_key_wrap_with_padding() {
    let key = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";
    let sealed = "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a";
    let plain = "c37b7e6492584340bed12207808941155068f738";
    assert_eq!(opened("#kw-aes192", key, sealed).as_deref(), Some(plain));
    assert_eq!(opened("#kw-aes-192-pad", key, &sealed.replacen('1', "0", 1)), None);
}

/// RFC 3217 §3.4.
#[test]
fn triple_des_key_wrap() {
    let key = "255e0d1c07b646dfb3134cc843ba8aa71f025b7c0838251f";
    let sealed = "690107618ef092b3b48ca1796b234ae9fa33ebb4159604037db5d6a84eb3aac2768c632775a467d4";
    let plain = "2923bf85e06dd6ae529149f1f1bae9eab3a7da3d860d3e98";
    assert_eq!(opened("http://www.w3.org/2001/04/xmlenc#kw-tripledes", key, sealed).as_deref(), Some(plain));
    assert_eq!(opened("#kw-tripledes", key, &sealed.replacen('6', "7", 1)), None);
}

/// Test case 2 of the specification of GCM (McGrew, Viega); XML Encryption puts nonce and tag around it.
#[test]
fn aes_gcm() {
    let key = "00000000000000000000000000000000";
    let sealed = "0000000000000000000000000388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf";
    assert_eq!(opened("http://www.w3.org/2009/xmlenc11#aes128-gcm", key, sealed).as_deref(), Some(key));
    assert_eq!(opened("#aes128-gcm", key, &sealed.replacen("03", "04", 1)), None);
    assert_eq!(opened("#aes128-gcm", key, "00"), None);
}

/// RFC 3713 appendix A: one block of Camellia, here as a CBC body with an IV of zeros; its padding is no padding.
#[test]
fn camellia() {
    let key = Key::Secret(Zeroizing::new(bytes("0123456789abcdeffedcba9876543210")));
    let sealed = bytes("0000000000000000000000000000000067673138549669730857065648eabe43");
    let cipher = Cipher::parse("http://www.w3.org/2001/04/xmldsig-more#camellia128-cbc").unwrap();
    assert!(decrypt(cipher, &key, None, &sealed, false).is_none());
    let plain = decrypt(cipher, &key, None, &sealed, true).unwrap();
    // The last byte, 0x10, takes a whole block away where XML Encryption's padding counts.
    assert!(plain.is_empty());
}

/// Made by OpenSSL: a seed of twenty bytes under keys that count from 0x10.
#[test]
fn every_block_cipher_against_another_implementation() {
    let cases = [
        ("#tripledes-cbc", 16, "0001020304050607d83602936dba0cd535f588b62065cbe1a26ee90acf483e93"),
        ("#tripledes-cbc", 24, "0001020304050607858a1dfe04d8a0b26e45f166b5ed480772b8158305b8005c"),
        (
            "#camellia128-cbc",
            16,
            "000102030405060708090a0b0c0d0e0f1d27ea2e2f4b6764883bfc0aeba55f7d6ecb9cb89c4c327cb8e9cf68c4a389d3",
        ),
        (
            "#camellia192-cbc",
            24,
            "000102030405060708090a0b0c0d0e0ff1b2c9d0392118ff61abe63918fc8ae626021655e3c51efb989bd4171797756b",
        ),
        (
            "#camellia256-cbc",
            32,
            "000102030405060708090a0b0c0d0e0f8b36ef3217efc409bbfb4222aa5b680ecf3f7e4f0f8e94169baa55696c44f2ff",
        ),
        (
            "#aes128-cbc",
            16,
            "000102030405060708090a0b0c0d0e0fa272883d14ecdb939cac2bd699e7a26527f195ff8a04e190eba1dbc474370cb6",
        ),
        (
            "#aes192-cbc",
            24,
            "000102030405060708090a0b0c0d0e0f0918a9421e910ce6081467f412d1a2c6b3b96ce29c689a5d3cf59175ace1235a",
        ),
        (
            "#aes256-cbc",
            32,
            "000102030405060708090a0b0c0d0e0fcdd8f77b26931cb712c17f345f89459b9cfce9d30ef25f484bfa577e7f80ffae",
        ),
        (
            "#aes192-gcm",
            24,
            "0000000000000000000000001b46530d35cc2744fa1c53d0b4731eb29669f265e8b4a73e256cc09f1ebe73696ba2649d",
        ),
        (
            "#aes256-gcm",
            32,
            "000000000000000000000000be46ffafa24271533c62cde83b106c32ea0a1df37423f4ca95185eb2d619dbe6cd49a020",
        ),
    ];
    let seed = "404142434445464748494a4b4c4d4e4f50515253";
    for (uri, length, sealed) in cases {
        let key: Vec<u8> = (0x10..0x10 + length).collect();
        let key = data_encoding::HEXLOWER.encode(&key);
        assert_eq!(opened(uri, &key, sealed).as_deref(), Some(seed), "{uri} {length}");
    }
}

#[test]
fn a_key_of_another_length_opens_nothing() {
    let sealed = "00".repeat(48);
    for uri in
        ["#aes128-cbc", "#aes256-gcm", "#kw-aes192", "#camellia256-cbc", "#tripledes-cbc", "#kw-tripledes"]
    {
        for length in [0, 1, 15, 17, 33] {
            assert_eq!(opened(uri, &"11".repeat(length), &sealed), None, "{uri} {length}");
        }
    }
}

#[test]
fn no_length_of_a_sealed_value_panics() {
    let names = [
        "#aes128-cbc",
        "#aes128-gcm",
        "#kw-aes128",
        "#camellia128-cbc",
        "#kw-camellia128",
        "#tripledes-cbc",
        "#kw-tripledes",
    ];
    let key = Key::Secret(Zeroizing::new(vec![7; 16]));
    for cipher in names.map(|name| Cipher::parse(name).unwrap()) {
        for length in 0..70 {
            for trusted in [false, true] {
                let _ = decrypt(cipher, &key, None, &vec![3; length], trusted);
                let _ = decrypt(cipher, &key, Some(&[1; 16]), &vec![3; length], trusted);
            }
        }
    }
}

#[test]
fn names_in_any_namespace() {
    assert_eq!(Cipher::parse("http://www.w3.org/2001/04/xmlenc#rsa_1_5"), Some(Cipher::RsaPkcs1));
    assert_eq!(Cipher::parse("http://www.w3.org/2001/04/xmlenc#rsa-1_5"), Some(Cipher::RsaPkcs1));
    assert_eq!(Cipher::parse("PBE-3DES112-CBC"), Some(Cipher::TripleDesCbc));
    assert_eq!(Cipher::parse("http://www.w3.org/2001/04/xmlenc#arcfour"), None);
    assert_eq!(Digest::parse("http://www.w3.org/2001/04/xmldsig-more#hmac-sha384"), Some(Digest::Sha384));
    assert_eq!(Digest::parse("HMAC-SHA1"), Some(Digest::Sha1));
    assert_eq!(Digest::parse("http://www.w3.org/2009/xmlenc11#mgf1sha224"), Some(Digest::Sha224));
    assert_eq!(Digest::parse("http://www.w3.org/2001/04/xmldsig-more#hmac-md5"), None);
}

/// RFC 2202 §3 and RFC 4231 §4.3, test case 2 of both.
#[test]
fn hmac_of_every_digest() {
    let cases = [
        (Digest::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (Digest::Sha224, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44"),
        (Digest::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ];
    for (digest, mac) in cases {
        assert_eq!(digest.hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]), bytes(mac));
    }
    assert_eq!(Digest::Sha384.hmac(b"Jefe", &[b"x"]).len(), 48);
    assert_eq!(Digest::Sha512.hmac(b"Jefe", &[b"x"]).len(), 64);
}

/// RFC 6070 §2 and RFC 7914 §11.
#[test]
fn pbkdf2_vectors() {
    let sha1 = Digest::Sha1.pbkdf2(b"password", b"salt", 4096, 20);
    assert_eq!(*sha1, bytes("4b007901b765489abead49d926f721d065a429c1"));
    let sha256 = Digest::Sha256.pbkdf2(b"passwd", b"salt", 1, 32);
    assert_eq!(*sha256, bytes("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"));
}

#[test]
fn rsa_with_every_digest_and_mask() {
    let pem = include_str!("../../../../../fixtures/recipient.key.pem");
    let private = rsa::RsaPrivateKey::from_pkcs8_pem(pem).unwrap();
    let public = rsa::RsaPublicKey::from(&private);
    let mut rng = Counting(7);
    let digests = [Digest::Sha1, Digest::Sha224, Digest::Sha256, Digest::Sha384, Digest::Sha512];
    let key = Key::Private(Box::new(private));
    let sealed = public
        .encrypt(&mut rng, rsa::Oaep::new_with_mgf_hash::<rsa::sha2::Sha256, sha1_of_rsa::Sha1>(), b"seed")
        .unwrap();
    for digest in digests {
        for mask in digests {
            let fits = (digest, mask) == (Digest::Sha256, Digest::Sha1);
            let opened = decrypt(Cipher::RsaOaep { digest, mask }, &key, None, &sealed, false);
            assert_eq!(opened.as_deref().map(Vec::as_slice), fits.then_some(b"seed".as_slice()));
        }
    }
    assert!(decrypt(Cipher::RsaPkcs1, &key, None, &sealed[1..], false).is_none());
}

/// Numbers in a row: what is sealed with them protects nothing.
struct Counting(u8);

impl rsa::rand_core::RngCore for Counting {
    fn next_u32(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(1);
        u32::from(self.0)
    }

    fn next_u64(&mut self) -> u64 {
        self.next_u32().into()
    }

    fn fill_bytes(&mut self, room: &mut [u8]) {
        room.fill_with(|| {
            self.0 = self.0.wrapping_add(1);
            self.0
        });
    }

    fn try_fill_bytes(&mut self, room: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(room);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for Counting {}
