//! The list of sheets and where their parts are (ECMA-376 part 1, §18.2).
//!
//! Owns: the workbook's part and its relationships. Does not own: the sheets' parts ([`super::sheet`]).

use std::collections::BTreeMap;

use oathctl_core::reason::Reason;

use super::damaged;
use super::package::Package;
use crate::xml::Xml;

/// Sheets of one workbook that are looked at.
const MOST_SHEETS: usize = 255;

/// What the workbook says of its sheets.
pub(super) struct Contents {
    pub(super) sheets: Vec<Listed>,
    /// Dates count from 1904.
    pub(super) since_1904: bool,
    /// The parts that all sheets share.
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
}

/// One sheet of the list.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) part: String,
}

/// Reads the list.
///
/// # Errors
/// Damage.
pub(super) fn contents(package: &Package) -> Result<Contents, Reason> {
    let root = relationships(package, "")?;
    let book = root.by_type("officeDocument").unwrap_or("xl/workbook.xml").to_owned();
    let related = relationships(package, &book)?;
    let text = package.part(&book).ok_or_else(damaged)?;
    let (mut xml, _) = Xml::open(text).map_err(|damage| damage.reason())?;
    let (mut sheets, mut since_1904) = (Vec::new(), false);
    while let Some(head) = xml.next().map_err(|damage| damage.reason())? {
        match head.name {
            "workbookPr" => since_1904 = matches!(head.attribute("date1904"), Some("1" | "true")),
            "sheets" => {
                let list = xml.whole(head).map_err(|damage| damage.reason())?;
                for sheet in list.children.iter().filter(|one| one.name == "sheet").take(MOST_SHEETS) {
                    // Chart sheets and macros have parts of other types.
                    let target = sheet.attribute("id").and_then(|id| related.sheet(id));
                    sheets.extend(target.map(|part| Listed {
                        name: sheet.attribute("name").unwrap_or("").to_owned(),
                        hidden: matches!(sheet.attribute("state"), Some("hidden" | "veryHidden")),
                        part: part.to_owned(),
                    }));
                }
            }
            _ => {}
        }
    }
    let shared = |kind| related.by_type(kind).map(str::to_owned);
    Ok(Contents { sheets, since_1904, strings: shared("sharedStrings"), styles: shared("styles") })
}

/// Type and target by id.
#[derive(Default)]
struct Relationships(BTreeMap<String, (String, String)>);

impl Relationships {
    fn by_type(&self, kind: &str) -> Option<&str> {
        self.0.values().find(|(found, _)| found == kind).map(|(_, target)| target.as_str())
    }

    fn sheet(&self, id: &str) -> Option<&str> {
        self.0.get(id).filter(|(kind, _)| kind == "worksheet").map(|(_, target)| target.as_str())
    }
}

/// The relationships of a part; of the package for "".
fn relationships(package: &Package, part: &str) -> Result<Relationships, Reason> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let separator = if folder.is_empty() { "" } else { "/" };
    let mut found = Relationships::default();
    let Some(text) = package.part(&format!("{folder}{separator}_rels/{name}.rels")) else {
        return Ok(found);
    };
    let (mut xml, _) = Xml::open(text).map_err(|damage| damage.reason())?;
    while let Some(one) = xml.next().map_err(|damage| damage.reason())? {
        let parts = (one.attribute("Id"), one.attribute("Type"), one.attribute("Target"));
        let (Some(id), Some(kind), Some(target)) = parts else { continue };
        let kind = kind.rsplit('/').next().unwrap_or(kind).to_owned();
        found.0.insert(id.to_owned(), (kind, resolved(folder, target)));
    }
    Ok(found)
}

/// A target as the name of a part: relative to the folder, or from the root.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut way: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                way.pop();
            }
            part => way.push(part),
        }
    }
    way.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_from_the_folder_and_from_the_root() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "../../../x.xml"), "x.xml");
    }
}
