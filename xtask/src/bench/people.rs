//! The people of a bench's tenant: those who get a token, and among them those no token may go to.

/// Of a hundred people, so many stand beside those who get a token.
const BESIDE: [&str; 5] = ["guest", "guest", "disabled", "admin", "apps=5"];

/// Who gets the token at this place.
pub fn upn(place: usize) -> String {
    format!("person.{place:05}@practice.example")
}

/// The file for `oathctl sim --users`: so many usable people, in a tenant that has others too.
pub fn file(usable: usize) -> String {
    let mut text = String::new();
    for place in 0..usable {
        let methods = ["", ",phone", ",apps=1", ",phone,apps=1"][place % 4];
        text.push_str(&format!("{},Person {place:05}{methods}\n", upn(place)));
        if place % 100 == 50 {
            for (n, word) in BESIDE.iter().enumerate() {
                text.push_str(&format!("beside.{place:05}.{n}@practice.example,Beside {place:05},{word}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usable_person_is_there_once_and_bears_no_mark() {
        let text = file(200);
        let usable: Vec<&str> = text.lines().filter(|line| line.starts_with("person.")).collect();
        assert_eq!((usable.len(), text.lines().count()), (200, 210));
        assert!(usable[7].starts_with(&upn(7)));
        let marked =
            |line: &&&str| ["guest", "disabled", "admin", "apps=5"].iter().any(|word| line.contains(word));
        assert_eq!(usable.iter().filter(marked).count(), 0);
    }
}
