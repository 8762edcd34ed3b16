/// Events in two groups: the table that a trial's binary outcome makes.
///
/// Contrasts are group 1 against group 2: p₁ − p₂, p₁/p₂ and p₁(1 − p₂)/(p₂(1 − p₁)).
public struct TwoProportions: Sendable, Equatable {
  /// The first group (the treated arm, as a rule).
  public let first: SingleProportion
  /// The second group (the control arm, as a rule).
  public let second: SingleProportion

  /// Makes the table from two groups.
  public init(_ first: SingleProportion, _ second: SingleProportion) {
    self.first = first
    self.second = second
  }

  /// Makes the table from counts: x₁ events of n₁ against x₂ of n₂.
  ///
  /// - Throws: `HypothesisTestError.counts` unless 0 ≤ x ≤ n and n > 0 in both groups.
  public init(events x1: Int, of n1: Int, against x2: Int, of n2: Int) throws(HypothesisTestError) {
    try self.init(SingleProportion(events: x1, total: n1), SingleProportion(events: x2, total: n2))
  }

  var x1: Double { Double(first.events) }
  var n1: Double { Double(first.total) }
  var x2: Double { Double(second.events) }
  var n2: Double { Double(second.total) }
  var p1: Double { first.proportion }
  var p2: Double { second.proportion }

  /// True where no cell of the 2 × 2 table is zero.
  public var hasNoZeroCell: Bool {
    first.events > 0 && second.events > 0 && first.events < first.total
      && second.events < second.total
  }

  /// Which cells are zero, in words; nil where none is.
  public var zeroCells: String? {
    var parts: [String] = []
    for (name, group) in [("group 1", first), ("group 2", second)] {
      if group.events == 0 { parts.append("no events in \(name)") }
      if group.events == group.total { parts.append("only events in \(name)") }
    }
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }
}
