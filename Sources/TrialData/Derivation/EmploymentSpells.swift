import ModelFormula

/// Spells of employment, one element a spell in every array.
public struct EmploymentSpells: Sendable {
  /// The participant's row.
  public var participant: [Int32]
  /// A code for the establishment.
  public var establishment: [Int32]
  /// The first day.
  public var start: [Int32]
  /// The last day, or `Column.missingDay` where the spell still runs.
  public var end: [Int32]
  /// The position as per cent of a full one; NaN where unknown.
  public var positionPercent: [Double]
  /// The weekly hours of a full position; NaN where unknown.
  public var fullTimeHours: [Double]

  public init(
    participant: [Int32], establishment: [Int32], start: [Int32], end: [Int32], positionPercent: [Double],
    fullTimeHours: [Double]
  ) {
    let counts = [
      establishment.count, start.count, end.count, positionPercent.count, fullTimeHours.count,
    ]
    precondition(counts.allSatisfy { $0 == participant.count }, "arrays of spells of different lengths")
    self.participant = participant
    self.establishment = establishment
    self.start = start
    self.end = end
    self.positionPercent = positionPercent
    self.fullTimeHours = fullTimeHours
  }

  public var count: Int { participant.count }

  /// No spells.
  public static let none = EmploymentSpells(
    participant: [], establishment: [], start: [], end: [], positionPercent: [], fullTimeHours: [])

  /// The chosen spells, in the order given.
  public func selecting(_ rows: [Int]) -> EmploymentSpells {
    EmploymentSpells(
      participant: rows.map { participant[$0] }, establishment: rows.map { establishment[$0] },
      start: rows.map { start[$0] }, end: rows.map { end[$0] },
      positionPercent: rows.map { positionPercent[$0] }, fullTimeHours: rows.map { fullTimeHours[$0] })
  }
}
