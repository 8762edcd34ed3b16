/// Why a survival analysis has no result.
///
/// Rows are indices from 0 into the arrays that were given, so that a caller who knows the file can name its lines.
/// No message carries a patient's values.
public enum SurvivalError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The time from entry to exit is empty or runs backwards in these rows (stop ≤ start).
  case emptyInterval(rows: [Int])
  /// A time below zero in these rows.
  case negativeTime(rows: [Int])
  /// A time, weight, offset or covariate that is infinite or not a number in these rows.
  case notFinite(what: String, rows: [Int])
  /// A case weight below zero in these rows.
  case negativeWeight(rows: [Int])
  /// Entry and exit fall together in these rows once times within rounding error of each other are made equal.
  case intervalVanishesWithNearTies(rows: [Int])
  /// Two rows of one person overlap: these rows start before the person's row before them ends.
  case overlappingRows(rows: [Int])
  /// No row at all.
  case noRows
  /// No row has an event (of this cause, where there are several).
  case noEvents(cause: Int?)
  /// The comparison needs at least two groups with persons at risk.
  case tooFewGroups(found: Int)
  /// The horizon is beyond what the data can tell, or not a positive number.
  case horizon(tau: Double, largest: Double)
  /// A time of zero has no logarithm, which this distribution needs, in these rows.
  case zeroTime(rows: [Int])
  /// The method does not exist for this combination of options.
  case unsupported(String)
  /// The likelihood or its derivatives are not finite at the starting values.
  case undefinedAtStart(String)

  public var description: String {
    switch self {
    case .emptyInterval(let rows): "the time ends at or before it starts in \(Self.list(rows))"
    case .negativeTime(let rows): "a time below zero in \(Self.list(rows))"
    case .notFinite(let what, let rows): "a \(what) that is not a finite number in \(Self.list(rows))"
    case .negativeWeight(let rows): "a weight below zero in \(Self.list(rows))"
    case .intervalVanishesWithNearTies(let rows):
      "start and stop differ by no more than rounding error in \(Self.list(rows))"
    case .overlappingRows(let rows):
      "the time overlaps that of another row of the same person in \(Self.list(rows))"
    case .noRows: "no rows to analyse"
    case .noEvents(nil): "no event among the rows"
    case .noEvents(let cause?): "no event of cause \(cause) among the rows"
    case .tooFewGroups(let found): "a comparison of \(found) group(s); at least two are needed"
    case .horizon(let tau, let largest):
      "the horizon \(tau) lies outside what the data can tell (above 0, up to \(largest))"
    case .zeroTime(let rows): "a time of zero, which has no logarithm, in \(Self.list(rows))"
    case .unsupported(let what): what
    case .undefinedAtStart(let what): "\(what) is not finite at the starting values"
    }
  }

  /// The rows that a message of this error is about.
  public var rows: [Int] {
    switch self {
    case .emptyInterval(let rows), .negativeTime(let rows), .notFinite(_, let rows),
      .negativeWeight(let rows), .intervalVanishesWithNearTies(let rows), .zeroTime(let rows),
      .overlappingRows(let rows):
      rows
    default: []
    }
  }

  private static func list(_ rows: [Int]) -> String {
    let shown = rows.prefix(5).map { String($0 + 1) }.joined(separator: ", ")
    let more = rows.count > 5 ? " and \(rows.count - 5) more" : ""
    return "row\(rows.count == 1 ? "" : "s") \(shown)\(more)"
  }
}
