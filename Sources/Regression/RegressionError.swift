import LinearAlgebra

/// Why a regression has no meaningful estimate. Rows count from 0 in the data that were given.
public enum RegressionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No row with a positive weight is left.
  case noRows
  /// A value that goes in is infinite or not a number.
  case notFinite(variable: String, row: Int)
  /// A prior weight is negative.
  case negativeWeight(row: Int)
  /// The response has a value the model cannot give.
  case responseOutOfRange(row: Int, requirement: String)
  /// The response takes one value only, where the model needs more.
  case constantResponse
  /// No coefficient can be estimated.
  case noEstimableCoefficient
  /// Every starting value leads outside the range where the mean exists.
  case noValidStart(link: String)
  /// A link that does not belong to the family.
  case unsuitableLink(link: String, family: String)
  /// More coefficients than rows, where the method needs fewer.
  case tooFewRows(rows: Int, coefficients: Int)
  /// A matrix that should have an inverse has none.
  case numerical(LinearAlgebraError)
  /// An option outside its range.
  case invalidOption(String)

  public var description: String {
    switch self {
    case .noRows: "no rows to fit"
    case .notFinite(let variable, let row): "\(variable): a value that is not finite in row \(row + 1)"
    case .negativeWeight(let row): "a negative weight in row \(row + 1)"
    case .responseOutOfRange(let row, let requirement):
      "the response in row \(row + 1) must be \(requirement)"
    case .constantResponse: "the response takes one value only"
    case .noEstimableCoefficient: "no coefficient can be estimated"
    case .noValidStart(let link):
      "no starting value keeps the mean of every row in its range with link \(link)"
    case .unsuitableLink(let link, let family): "link \(link) does not belong to family \(family)"
    case .tooFewRows(let rows, let coefficients): "\(rows) rows are too few for \(coefficients) coefficients"
    case .numerical(let error):
      "the model cannot be computed from these numbers (\(error)): look at the size of each variable"
    case .invalidOption(let text): text
    }
  }
}
