/// A number as it stands in print: its value and how many decimals were printed.
public struct PublishedNumber: Sendable, Equatable, CustomStringConvertible {
  /// The printed value.
  public let value: Double
  /// The number of decimals printed.
  public let decimals: Int
  /// The text it was read from.
  public let description: String

  /// Reads a printed number such as `0.70`; nil where the text is not a decimal number.
  public init?(_ text: String) {
    guard let value = Double(text), value.isFinite,
      text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 || $0 == 46 })
    else { return nil }
    self.value = value
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    decimals = parts.count == 2 ? parts[1].utf8.count : 0
    description = text
  }

  /// Half a unit of the last printed decimal.
  public var halfUnit: Double {
    var unit = 0.5
    for _ in 0..<decimals { unit /= 10 }
    return unit
  }

  /// True where a value rounds to the printed number; ties count, since rounding rules differ.
  public func agrees(with other: Double) -> Bool {
    abs(other - value) <= halfUnit * (1 + 1e-9) + 4 * Double.ulpOfOne * abs(value)
  }

  /// The counts x of n with 100x/n rounding to this percentage.
  public func counts(of n: Int) -> [Int] {
    guard n > 0 else { return [] }
    let centre = Int((value / 100 * Double(n)).rounded())
    let reach = Int(halfUnit / 100 * Double(n)) + 2
    return (max(0, centre - reach)...max(0, min(n, centre + reach))).filter {
      $0 <= n && agrees(with: 100 * Double($0) / Double(n))
    }
  }
}

/// Arm sizes that reproduce published percentages.
public struct ArmSplit: Sendable, Equatable {
  /// The size of arm 1.
  public let n1: Int
  /// The size of arm 2.
  public let n2: Int

  public init(n1: Int, n2: Int) {
    self.n1 = n1
    self.n2 = n2
  }

  /// All splits of a total for which every percentage of each arm comes from a whole count.
  public static func all(total: Int, first: [PublishedNumber], second: [PublishedNumber]) -> [ArmSplit] {
    guard total > 1 else { return [] }
    return (1..<total).compactMap { n1 in
      let n2 = total - n1
      let fits =
        first.allSatisfy { !$0.counts(of: n1).isEmpty } && second.allSatisfy { !$0.counts(of: n2).isEmpty }
      return fits ? ArmSplit(n1: n1, n2: n2) : nil
    }
  }
}
