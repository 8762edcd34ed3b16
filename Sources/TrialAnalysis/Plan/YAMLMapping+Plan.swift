import TrialData

/// What plans ask of a YAML mapping beyond what codebooks do.
extension YAMLMapping {
  /// A text that must be there; empty where it is not, with a fault noted.
  func required(_ key: String) -> Placed<String> {
    requiredText(key) ?? Placed(value: "", place: place(of: key))
  }

  /// Notes the keys that must be there and are not.
  func require(_ keys: String...) {
    for key in keys where !has(key) {
      faults.note("no '\(key)'", expected: "a value for '\(key)' expected", at: place)
    }
  }

  func label(_ key: String) -> Label? { wording(key).map { Label($0) } }

  /// A text for readers that must be there.
  func requiredLabel(_ key: String) -> Label {
    require(key)
    return label(key) ?? Label("")
  }

  /// A whole number from a smallest one on.
  func integer(_ key: String, atLeast minimum: Int) -> Int? {
    guard let number = integer(key) else { return nil }
    if number >= minimum { return number }
    faults.note("found '\(number)'", expected: "a whole number from \(minimum) expected", at: place(of: key))
    return nil
  }

  /// The texts of a list that are not empty, or one text in place of a list of one.
  func names(_ key: String) -> [Placed<String>] { texts(key).filter { !$0.value.isEmpty } }

  func numbers(_ key: String) -> [Double] { names(key).compactMap { number($0) } }

  /// Every key of the mapping under `key` with its mapping.
  func namedMappings(_ key: String) -> [(name: Placed<String>, mapping: YAMLMapping)] {
    guard let outer = mapping(key) else { return [] }
    return outer.keys.compactMap { name in outer.mapping(name.value).map { (name, $0) } }
  }

  /// Every key of the mapping under `key` with its wording.
  func labels(_ key: String) -> [(name: Placed<String>, label: Label)] {
    guard let outer = mapping(key) else { return [] }
    return outer.keys.map { ($0, outer.label($0.value) ?? Label($0.value)) }
  }
}

extension Label {
  /// A wording of a codebook or plan.
  init(_ wording: Wording) { self.init(wording.english, nb: wording.norwegian) }
}
