/// Why a test or an interval has no meaningful value.
public enum HypothesisTestError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Counts that are negative, or more events than observations.
  case counts(String)
  /// Too few observations for the method.
  case tooFew(what: String, count: Int, needed: Int)
  /// All observations are equal, so that nothing varies.
  case constant(String)
  /// A table with too few rows, columns or strata, or with rows of different lengths.
  case table(String)
  /// An argument outside its range.
  case argument(String)

  public var description: String {
    switch self {
    case .counts(let what): what
    case .tooFew(let what, let count, let needed): "\(count) \(what), and at least \(needed) are needed"
    case .constant(let what): "\(what) does not vary"
    case .table(let what): what
    case .argument(let what): what
    }
  }
}
