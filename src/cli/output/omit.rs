//! Serialization without some keys, in the order of the struct and without a copy of it.
//!
//! `serde_json::Value` cannot do this: its objects are sorted by key, and canonical JSON depends on that. So the
//! keys are dropped on the way into the real serializer. This file knows nothing of formats or reports.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use serde_json::Value;

use super::OmittedKeys;

/// Serializes as `value` does, without the keys of `omitted` at any depth.
pub(super) struct Without<'a, T: ?Sized> {
    pub value: &'a T,
    pub omitted: &'a OmittedKeys,
}

impl<T: Serialize + ?Sized> Serialize for Without<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Omitting {
            inner: serializer,
            omitted: self.omitted,
        })
    }
}

/// A serializer, or the part of one that collects members, that leaves keys out.
struct Omitting<'a, S> {
    inner: S,
    omitted: &'a OmittedKeys,
}

impl<'a, S> Omitting<'a, S> {
    fn wrap<'v, T: ?Sized>(&self, value: &'v T) -> Without<'v, T>
    where
        'a: 'v,
    {
        Without {
            value,
            omitted: self.omitted,
        }
    }
}

macro_rules! scalars {
    ($($method:ident($type:ty);)+) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )+};
}

macro_rules! collections {
    ($($method:ident($($name:ident: $type:ty),*) -> $collection:ident;)+) => {$(
        fn $method(self, $($name: $type),*) -> Result<Self::$collection, S::Error> {
            let omitted = self.omitted;
            self.inner.$method($($name),*).map(|inner| Omitting { inner, omitted })
        }
    )+};
}

impl<'a, S: Serializer> Serializer for Omitting<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Omitting<'a, S::SerializeSeq>;
    type SerializeTuple = Omitting<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Omitting<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Omitting<'a, S::SerializeTupleVariant>;
    type SerializeMap = OmittingMap<'a, S::SerializeMap>;
    type SerializeStruct = Omitting<'a, S::SerializeStruct>;
    type SerializeStructVariant = Omitting<'a, S::SerializeStructVariant>;

    scalars! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_unit_struct(&'static str);
    }

    collections! {
        serialize_seq(length: Option<usize>) -> SerializeSeq;
        serialize_tuple(length: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, length: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(
            name: &'static str, index: u32, variant: &'static str, length: usize
        ) -> SerializeTupleVariant;
        serialize_struct(name: &'static str, length: usize) -> SerializeStruct;
        serialize_struct_variant(
            name: &'static str, index: u32, variant: &'static str, length: usize
        ) -> SerializeStructVariant;
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let omitted = self.omitted;
        self.inner.serialize_map(length).map(|inner| OmittingMap {
            members: Omitting { inner, omitted },
            leaves_value_out: false,
        })
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner.serialize_some(&value)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner.serialize_newtype_struct(name, &value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = self.wrap(value);
        self.inner
            .serialize_newtype_variant(name, index, variant, &value)
    }
}

macro_rules! elements {
    ($($trait:ident::$method:ident),+ $(,)?) => {$(
        impl<S: $trait> $trait for Omitting<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                let value = self.wrap(value);
                self.inner.$method(&value)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        }
    )+};
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
);

macro_rules! fields {
    ($($trait:ident),+) => {$(
        impl<S: $trait> $trait for Omitting<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), S::Error> {
                if self.omitted.contains(key) {
                    return self.inner.skip_field(key);
                }
                let value = self.wrap(value);
                self.inner.serialize_field(key, &value)
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        }
    )+};
}

fields!(SerializeStruct, SerializeStructVariant);

/// The members of a map, whose keys are values themselves and may come apart from what they name.
struct OmittingMap<'a, S> {
    members: Omitting<'a, S>,
    /// The key that came last was left out, and its value is to follow it.
    leaves_value_out: bool,
}

impl<S: SerializeMap> SerializeMap for OmittingMap<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.leaves_value_out = match serde_json::to_value(key) {
            Ok(Value::String(key)) => self.members.omitted.contains(key.as_str()),
            _ => false,
        };
        if self.leaves_value_out {
            return Ok(());
        }
        self.members.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        if self.leaves_value_out {
            return Ok(());
        }
        let value = self.members.wrap(value);
        self.members.inner.serialize_value(&value)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.members.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[derive(Serialize)]
    struct Inner {
        id: u8,
        kept: Option<&'static str>,
    }

    #[derive(Serialize)]
    enum Variant {
        Unit,
        Newtype(Inner),
        Tuple(u8, Inner),
        Struct { id: u8, z: u8, a: u8 },
    }

    #[derive(Serialize)]
    struct Outer {
        z: (u8, Inner),
        id: Inner,
        a: BTreeMap<&'static str, Inner>,
        #[serde(flatten)]
        rest: BTreeMap<&'static str, Value>,
        list: Vec<Variant>,
    }

    fn inner() -> Inner {
        Inner {
            id: 1,
            kept: Some("id"),
        }
    }

    fn outer() -> Outer {
        Outer {
            z: (7, inner()),
            id: inner(),
            a: BTreeMap::from([("id", inner()), ("other", inner())]),
            rest: BTreeMap::from([
                ("id", json!(1)),
                ("more", json!([{"id": 1, "x": [{"id": {}}]}])),
            ]),
            list: vec![
                Variant::Unit,
                Variant::Newtype(inner()),
                Variant::Tuple(2, inner()),
                Variant::Struct { id: 1, z: 2, a: 3 },
            ],
        }
    }

    fn without(omitted: &[&'static str]) -> String {
        let shown = Without {
            value: &outer(),
            omitted: &omitted.iter().copied().collect(),
        };
        serde_json::to_string(&shown).unwrap()
    }

    #[test]
    fn omitted_keys_are_gone_at_every_depth_and_the_order_stays() {
        let expected = concat!(
            r#"{"z":[7,{"kept":"id"}],"a":{"other":{"kept":"id"}},"more":[{"x":[{}]}],"#,
            r#""list":["Unit",{"Newtype":{"kept":"id"}},{"Tuple":[2,{"kept":"id"}]},"#,
            r#"{"Struct":{"z":2,"a":3}}]}"#
        );
        assert_eq!(without(&["id"]), expected);
    }

    #[test]
    fn nothing_omitted_is_the_value_itself() {
        assert_eq!(without(&[]), serde_json::to_string(&outer()).unwrap());
    }
}
