/// Why missing values cannot be imputed or bounded.
public enum MissingDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Too few observed values to estimate the imputation model.
  case tooFewObserved(variable: String, observed: Int, needed: Int)
  /// A predictor that is itself missing or not finite where it is needed.
  case missingPredictor(variable: String)
  /// Predictors that are linear combinations of each other, or do not vary.
  case collinear(variable: String)
  /// An argument outside its range.
  case argument(String)

  public var description: String {
    switch self {
    case .tooFewObserved(let variable, let observed, let needed):
      "\(variable) has \(observed) observed values, and its imputation model needs at least \(needed)"
    case .missingPredictor(let variable): "a predictor of \(variable) is missing or not finite"
    case .collinear(let variable): "the predictors of \(variable) do not vary apart from each other"
    case .argument(let what): what
    }
  }
}
