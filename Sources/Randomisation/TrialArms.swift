/// The arms of a trial with the planned allocation.
///
/// An arm is known by its index; what tables and messages show is its code.
public struct TrialArms: Sendable, Equatable {
  /// The arms' codes in the data, in the order given.
  public let codes: [String]
  /// Each arm's planned share of the participants, summing to 1.
  public let shares: [Double]
  /// The planned ratio in lowest whole numbers (2:1 → [2, 1]); nil where there are none below a thousand.
  public let ratio: [Int]?
  /// The arm that the others are compared with.
  public let control: Int

  /// - Parameters:
  ///   - codes: at least two distinct codes.
  ///   - ratio: one positive number an arm; equal allocation where nil.
  ///   - control: the index of the control arm.
  public init(_ codes: [String], ratio: [Double]? = nil, control: Int = 0) {
    let parts = ratio ?? [Double](repeating: 1, count: codes.count)
    precondition(parts.count == codes.count && parts.allSatisfy { $0 > 0 }, "a ratio of \(parts)")
    self.codes = codes
    self.control = control
    let total = parts.reduce(0, +)
    shares = parts.map { $0 / total }
    self.ratio = Self.lowestTerms(parts)
  }

  /// The number of arms.
  public var count: Int { codes.count }

  /// The smallest block that holds the ratio: the sum of its lowest terms.
  public var blockUnit: Int? { ratio.map { $0.reduce(0, +) } }

  /// The arms that are compared with the control, in order.
  public var others: [Int] { codes.indices.filter { $0 != control } }

  /// "1:1", as a plan writes it.
  public var ratioText: String {
    (ratio.map { $0.map(String.init) } ?? shares.map { $0.description }).joined(separator: ":")
  }

  private static func lowestTerms(_ parts: [Double]) -> [Int]? {
    for multiplier in 1...1000 {
      let scaled = parts.map { $0 * Double(multiplier) }
      guard scaled.allSatisfy({ abs($0 - $0.rounded()) < 1e-9 && $0 < 1000 }) else { continue }
      let whole = scaled.map { Int($0.rounded()) }
      let divisor = whole.reduce(0) { a, b in
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
      }
      return whole.map { $0 / divisor }
    }
    return nil
  }
}

/// The allocations that an audit rests on: one participant after the other, in the order they were randomised.
public struct AllocationSequence: Sendable, Equatable {
  public let arms: TrialArms
  /// The arm of each participant, as an index.
  public let arm: [UInt8]
  /// The stratum of each, as an index into `strata`.
  public let stratum: [Int]
  /// The strata's names; one empty name where the randomisation was not stratified.
  public let strata: [String]
  /// The participants of each stratum in order, as positions in the sequence.
  public let members: [[Int]]

  /// - Parameters:
  ///   - arm: an index of an arm for each participant, in the order of randomisation.
  ///   - stratum: the name of each participant's stratum; nil where there are none.
  public init(_ arms: TrialArms, arm: [Int], stratum: [String]? = nil) {
    precondition(stratum == nil || stratum!.count == arm.count, "a stratum for each participant")
    self.arms = arms
    self.arm = arm.map { UInt8($0) }
    // Sorted, so that nothing depends on which stratum was entered first.
    let names = stratum.map {
      Set($0).sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }
    strata = names ?? [""]
    var place: [String: Int] = [:]
    for (i, name) in strata.enumerated() { place[name] = i }
    self.stratum = stratum?.map { place[$0]! } ?? [Int](repeating: 0, count: arm.count)
    var members = [[Int]](repeating: [], count: strata.count)
    for (position, stratum) in self.stratum.enumerated() { members[stratum].append(position) }
    self.members = members
  }

  /// The number of participants.
  public var count: Int { arm.count }

  /// How many of some participants each arm has.
  public func counts(of positions: some Sequence<Int>) -> [Int] {
    var counts = [Int](repeating: 0, count: arms.count)
    for position in positions { counts[Int(arm[position])] += 1 }
    return counts
  }

  /// The numbers of participants by arm.
  public var counts: [Int] { counts(of: arm.indices) }
}
