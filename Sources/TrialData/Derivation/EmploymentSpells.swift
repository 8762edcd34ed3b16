import ModelFormula

/// Spells of employment, one element a spell in every array.
public struct EmploymentSpells: Sendable {
  /// The participant's row.
  public var participant: [Int32]
  /// A number for the establishment, the same wherever it is the same one.
  public var establishment: [UInt64]
  /// The first day.
  public var start: [Int32]
  /// The last day, or `Column.missingDay` where the spell still runs.
  public var end: [Int32]
  /// The position as per cent of a full one; NaN where unknown.
  public var positionPercent: [Double]
  /// The weekly hours of a full position; NaN where unknown.
  public var fullTimeHours: [Double]

  public init(
    participant: [Int32], establishment: [UInt64], start: [Int32], end: [Int32], positionPercent: [Double],
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

/// The columns of spells as bare memory, for loops over millions of them.
struct SpellColumns {
  let establishment: UnsafeBufferPointer<UInt64>
  let start: UnsafeBufferPointer<Int32>
  let end: UnsafeBufferPointer<Int32>
  let positionPercent: UnsafeBufferPointer<Double>
  let fullTimeHours: UnsafeBufferPointer<Double>

  /// Calls a body with the columns, which it must not keep.
  static func with<R>(_ spells: EmploymentSpells, _ body: (SpellColumns) -> R) -> R {
    spells.establishment.withUnsafeBufferPointer { establishment in
      spells.start.withUnsafeBufferPointer { start in
        spells.end.withUnsafeBufferPointer { end in
          spells.positionPercent.withUnsafeBufferPointer { position in
            spells.fullTimeHours.withUnsafeBufferPointer { week in
              body(
                SpellColumns(
                  establishment: establishment, start: start, end: end, positionPercent: position,
                  fullTimeHours: week))
            }
          }
        }
      }
    }
  }
}
