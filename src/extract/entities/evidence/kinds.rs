//! Which types of records are which kind of entity, and which records speak of a whole page.

use serde_json::Value;

use super::{has, texts};
use crate::model::EntityType;

/// Types of schema.org whose things are called by a name of their own.
const KINDS: &[(EntityType, &[&str])] = &[
    (
        EntityType::Person,
        &["Person", "Patient", "http://xmlns.com/foaf/0.1/Person"],
    ),
    (
        EntityType::Organization,
        &[
            "Organization",
            "Airline",
            "AutoDealer",
            "Bakery",
            "BankOrCreditUnion",
            "CafeOrCoffeeShop",
            "CollegeOrUniversity",
            "Consortium",
            "Corporation",
            "Dentist",
            "Hospital",
            "Hotel",
            "LegalService",
            "LocalBusiness",
            "MedicalClinic",
            "MusicGroup",
            "NGO",
            "OnlineBusiness",
            "OnlineStore",
            "PerformingGroup",
            "PoliticalParty",
            "ProfessionalService",
            "RealEstateAgent",
            "ResearchProject",
            "Restaurant",
            "School",
            "SportsTeam",
            "Store",
            "TheaterGroup",
            "TravelAgency",
            "http://xmlns.com/foaf/0.1/Organization",
        ],
    ),
    (
        EntityType::Place,
        &[
            "Place",
            "AdministrativeArea",
            "Airport",
            "Beach",
            "City",
            "Continent",
            "Country",
            "EventVenue",
            "LandmarksOrHistoricalBuildings",
            "Landform",
            "Mountain",
            "Museum",
            "MusicVenue",
            "Park",
            "PerformingArtsTheater",
            "State",
            "StadiumOrArena",
            "TouristAttraction",
            "TouristDestination",
        ],
    ),
    (
        EntityType::Product,
        &[
            "Product",
            "Car",
            "IndividualProduct",
            "MobileApplication",
            "ProductGroup",
            "ProductModel",
            "SoftwareApplication",
            "Vehicle",
            "VideoGame",
            "WebApplication",
            "h-product",
        ],
    ),
];

/// Returns the kind of entity that a record is of; `None` for any other, and where its types say two.
pub(super) fn kind_of(record: &Value) -> Option<EntityType> {
    let mut kind: Option<EntityType> = None;
    for word in types(record) {
        let Some(found) = kind_of_word(word, record) else {
            continue;
        };
        if kind.as_ref().is_some_and(|known| *known != found) {
            return None;
        }
        kind = Some(found);
    }
    kind
}

fn kind_of_word(word: &str, record: &Value) -> Option<EntityType> {
    // A card is of a person when it has a person's names, and of an organization when it is called as its own.
    if word == "h-card" {
        let name = texts(record, "name").next();
        let is_own = name.is_some_and(|name| texts(record, "org").any(|org| org == name));
        let of_person = ["given-name", "family-name"];
        return if is_own {
            Some(EntityType::Organization)
        } else if of_person.iter().any(|name| has(record, name)) {
            Some(EntityType::Person)
        } else {
            None
        };
    }
    if word.ends_with("Organization") && !word.contains(':') {
        return Some(EntityType::Organization);
    }
    let known = KINDS.iter().find(|(_, words)| words.contains(&word));
    known.map(|(kind, _)| kind.clone())
}

fn types(record: &Value) -> impl Iterator<Item = &str> {
    let types = record.get("types").and_then(Value::as_array);
    types.into_iter().flatten().filter_map(Value::as_str)
}

/// Says whether a record is of something on a page, which is not made by who has made the page.
pub(super) fn is_part(record: &Value) -> bool {
    let is_part = |word: &str| {
        let parts = [
            "Comment",
            "Review",
            "Rating",
            "Answer",
            "Product",
            "ImageObject",
        ];
        parts.iter().any(|part| word.ends_with(part)) || word == "h-product"
    };
    types(record).any(is_part) || kind_of(record).is_some()
}

/// Says whether a record is of a page or of its site as a whole.
pub(super) fn is_page(record: &Value) -> bool {
    types(record).any(|word| word.ends_with("Page") || word == "WebSite")
}

/// Returns how mentions name the syntax that they stand on.
pub(super) fn evidence_of(syntax: &str) -> &'static str {
    match syntax {
        "json-ld" => "page:json-ld",
        "microdata" => "page:microdata",
        "rdfa" => "page:rdfa",
        "microformats" => "page:microformats",
        _ => "page:record",
    }
}
