import Serialisation
import TrialAnalysis

/// One field of a record in two runs.
public struct FieldChange: Sendable, Equatable {
  /// The name as in `results.json`: `estimate`, `conf.low`, `n`, `method`, …
  public var name: String
  public var old: JSONValue
  public var new: JSONValue

  /// `estimate 4.78333 → 4.80211`: six significant digits where they tell the two apart, else all.
  public var text: String {
    if let (a, b) = numbers {
      let (x, y) = (NumberText.significant(a, digits: 6), NumberText.significant(b, digits: 6))
      if x != y { return "\(name) \(x) → \(y)" }
    }
    if let members { return members.map { "\($0.name) \($0.old) → \($0.new)" }.joined(separator: "; ") }
    return "\(name) \(Self.short(old)) → \(Self.short(new))"
  }

  /// Of a field with members, such as the conventions, those that differ; nil for another field.
  ///
  /// Numbers among them (an expected value, a Monte-Carlo error) have the digits that tell the two apart.
  var members: [(name: String, old: String, new: String)]? {
    guard case (.object(let a), .object(let b)) = (old, new) else { return nil }
    let names = a.map(\.name) + b.map(\.name).filter { old[$0] == nil }
    return names.filter { old[$0] != new[$0] }.map { name in
      let (x, y) = Self.apart(Self.short(old[name] ?? .null), Self.short(new[name] ?? .null))
      return (name, x, y)
    }
  }

  /// Two texts; where both are numbers with a fraction, with three digits, or six, or all: as many as tell them apart.
  private static func apart(_ old: String, _ new: String) -> (String, String) {
    guard let a = fraction(old), let b = fraction(new) else { return (old, new) }
    for digits in [3, 6] {
      let (x, y) = (NumberText.significant(a, digits: digits), NumberText.significant(b, digits: digits))
      if x != y { return (x, y) }
    }
    return (old, new)
  }

  private static func fraction(_ text: String) -> Double? {
    text.contains(".") ? Double(text) : nil
  }

  static func short(_ value: JSONValue) -> String {
    switch value {
    case .null: "none"
    case .string(let text): text
    case .bool(let value): value ? "true" : "false"
    case .array, .records:
      value.elements.isEmpty ? "none" : value.elements.map(short).joined(separator: "; ")
    case .object(let members): members.map { "\($0.name): \(short($0.value))" }.joined(separator: "; ")
    case .integer, .number: value.text(indented: false)
    }
  }

  /// Both values, where both are numbers.
  var numbers: (old: Double, new: Double)? {
    guard let old = old.double, let new = new.double else { return nil }
    return (old, new)
  }

  /// True where two numbers agree but for the last digits of a double.
  public var isRounding: Bool {
    guard let (old, new) = numbers else { return false }
    return abs(old - new) <= 1e-9 * max(abs(old), abs(new), 1e-300)
  }
}

/// A record that two runs have in different forms.
public struct RecordChange: Sendable, Equatable {
  public enum Kind: String, Sendable { case changed, added, removed }

  public var id: String
  public var kind: Kind
  /// Of a record that is in both runs, the fields that differ.
  public var fields: [FieldChange]
  /// The conclusion that crossed over, in words.
  public var crossing: String?

  /// Every record in which two runs differ, in the order of the first.
  public static func between(_ old: RunContents, _ new: RunContents) -> [RecordChange] {
    let ids = old.ids + new.ids.filter { old.records[$0] == nil }
    return ids.compactMap { id in
      switch (old.records[id], new.records[id]) {
      case (let a?, let b?):
        let fields = fieldChanges(a, b)
        return fields.isEmpty
          ? nil
          : RecordChange(
            id: id, kind: .changed, fields: fields, crossing: Conclusion.crossing(from: a, to: b))
      case (nil, .some): return RecordChange(id: id, kind: .added, fields: [])
      default: return RecordChange(id: id, kind: .removed, fields: [])
      }
    }
  }

  private static func fieldChanges(_ old: JSONValue, _ new: JSONValue) -> [FieldChange] {
    let names = old.members.map(\.name) + new.members.map(\.name).filter { old[$0] == nil }
    return names.compactMap { name in
      let (a, b) = (old[name] ?? .null, new[name] ?? .null)
      // A whole number is read as an integer, whatever it was before it was written.
      if a == b || (a.double != nil && a.double == b.double) { return nil }
      return FieldChange(name: name, old: a, new: b)
    }
  }
}

/// What a record lets a reader conclude at its own confidence level.
enum Conclusion {
  /// The conclusion that two forms of a record do not share; nil where they do.
  static func crossing(from old: JSONValue, to new: JSONValue) -> String? {
    var parts: [String] = []
    let measure = new["measure"]?.text.flatMap(Result.Measure.init(rawValue:))
    if let null = measure?.null, let a = excludes(null, old), let b = excludes(null, new), a != b {
      let level = Int(((new["conf.level"]?.double ?? 0.95) * 100).rounded())
      parts.append("the \(level)% interval \(b ? "no longer holds" : "now holds") \(null == 0 ? "0" : "1")")
    }
    let alpha = 1 - (new["conf.level"]?.double ?? 0.95)
    if let a = old["p.value"]?.double, let b = new["p.value"]?.double, (a < alpha) != (b < alpha) {
      let level = (alpha * 1e6).rounded() / 1e6
      parts.append("p \(b < alpha ? "fell below" : "rose over") \(level)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func excludes(_ null: Double, _ record: JSONValue) -> Bool? {
    guard let low = record["conf.low"]?.double, let high = record["conf.high"]?.double else { return nil }
    return null < low || null > high
  }
}
