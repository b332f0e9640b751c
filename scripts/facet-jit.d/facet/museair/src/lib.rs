//! What facet-format uses of the crate of this name: a map, by whatever hash.
pub mod bfast {
    pub type HashMap<K, V> = std::collections::HashMap<K, V>;
}
