use super::{Kind, Xml};

fn damage(text: &str) -> (Kind, u64) {
    let walk = || {
        let (mut xml, _) = Xml::open(text)?;
        while let Some(head) = xml.next()? {
            xml.whole(head)?;
        }
        Ok(())
    };
    let damage: super::Damage = walk().unwrap_err();
    (damage.kind, damage.line)
}

#[test]
fn a_document_is_walked_child_by_child() {
    let text = "\n  <?xml version='1.0' encoding='utf-16'?>\n<!-- < -->\n<p:A xmlns:p='u' Id='1'>\n <b x:y='&lt;1'>one<c/></b>\
                <d>\n<e>2</e></d><f/></p:A>\n";
    let (mut xml, root) = Xml::open(text).unwrap();
    assert_eq!((root.name, root.attribute("Id"), root.line), ("A", Some("1"), 4));
    let head = xml.next().unwrap().unwrap();
    let b = xml.whole(head).unwrap();
    assert_eq!((b.name, b.text(), b.attribute("y"), b.line), ("b", "one", Some("<1"), 5));
    assert_eq!(b.children.len(), 1);
    let d = xml.next().unwrap().unwrap();
    xml.enter(&d);
    let e = xml.next().unwrap().unwrap();
    assert_eq!((e.name, e.line), ("e", 6));
    assert!(xml.next().unwrap().is_none(), "e is passed over and d ends");
    assert_eq!(xml.next().unwrap().unwrap().name, "f");
    assert!(xml.next().unwrap().is_none());
    assert!(xml.next().unwrap().is_none(), "it stays at its end");
}

#[test]
fn text_in_pieces_is_one_text() {
    let (mut xml, _) = Xml::open("<a><b> x&amp;y<!-- - --><![CDATA[<z>]]>&#65; </b></a>").unwrap();
    let head = xml.next().unwrap().unwrap();
    assert_eq!(xml.whole(head).unwrap().text(), "x&y<z>A");
}

#[test]
fn a_text_of_many_pieces_does_not_take_its_square_in_time() {
    let text = format!("<a><b>{}</b></a>", "&lt;".repeat(500_000));
    let (mut xml, _) = Xml::open(&text).unwrap();
    let head = xml.next().unwrap().unwrap();
    assert_eq!(xml.whole(head).unwrap().text().len(), 500_000);
}

#[test]
fn a_clone_looks_ahead() {
    let (mut xml, _) = Xml::open("<a><b/>\n<c/></a>").unwrap();
    let mut ahead = xml.clone();
    ahead.next().unwrap();
    assert_eq!(ahead.next().unwrap().unwrap().line, 2);
    assert_eq!(xml.next().unwrap().unwrap().name, "b");
}

#[test]
fn declarations_that_could_name_files_are_refused() {
    let text = "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<a>&x;</a>";
    assert_eq!(damage(text), (Kind::Doctype, 2));
    assert_eq!(damage("<!DOCTYPE><a/>"), (Kind::Doctype, 1));
    assert_eq!(damage("<a>\n<!DOCTYPE a><b/></a>"), (Kind::Doctype, 2));
    assert_eq!(damage("<a><b>\n&x;</b></a>"), (Kind::Malformed, 2));
}

#[test]
fn what_ends_too_early_is_told_from_what_is_broken() {
    for text in
        ["<", "<a", "<a>", "<a>\n<b>", "<a><b/>", "<a b='", "<!-- ", "<a><![CDATA[", "<?xml ", "\u{0}", ""]
    {
        assert_eq!(damage(text).0, Kind::Truncated, "{text:?}");
    }
    assert_eq!(damage("<a>\n\n</b>"), (Kind::Malformed, 3));
    assert_eq!(damage("<a>\n<b></a></b>"), (Kind::Malformed, 2));
    assert_eq!(damage("<a/>\n<a/>"), (Kind::Malformed, 2));
    assert_eq!(damage("<a/>\nmore").0, Kind::Malformed);
    assert_eq!(damage("<a><b c=1/></a>").0, Kind::Malformed);
    assert_eq!(damage("<a><b c='1' c='2'/></a>").0, Kind::Malformed);
    assert_eq!(damage("<a>&</a>").0, Kind::Malformed);
}

#[test]
fn limits_hold() {
    let deep = format!("<a>{}{}</a>", "<b>".repeat(80), "</b>".repeat(80));
    assert_eq!(damage(&deep).0, Kind::Malformed);
    let many: String = (0..100).map(|n| format!(" a{n}='1'")).collect();
    assert_eq!(damage(&format!("<a><b{many}/></a>")).0, Kind::Malformed);
    assert_eq!(damage(&format!("<a><{}/></a>", "b".repeat(300))).0, Kind::Malformed);
    let (mut xml, _) = Xml::open(&deep).unwrap();
    xml.next().unwrap();
    assert_eq!(xml.next().map(drop).unwrap_err().kind, Kind::Malformed, "nor is it passed over");
}

#[test]
fn no_truncation_and_no_flip_panics() {
    let text = "<?xml version='1.0'?><!-- c --><a x='1'><b>&lt;<![CDATA[q]]></b><c/>é</a>";
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        damage(&text[..end]);
    }
    for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
        for c in ["<", ">", "&", "/", "'", "!", "?", "]", "\u{0}"] {
            let (front, back) = text.split_at(at);
            let changed = format!("{front}{c}{}", back.get(1..).unwrap_or(""));
            if let Ok((mut xml, _)) = Xml::open(&changed) {
                while let Ok(Some(head)) = xml.next() {
                    if xml.whole(head).is_err() {
                        break;
                    }
                }
            }
        }
    }
}
