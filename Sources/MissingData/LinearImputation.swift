import Glibc
import LinearAlgebra
import Probability

/// Draws for one variable from its Bayesian linear regression on complete predictors.
///
/// With n observed rows, p columns and the flat prior 1/σ²: σ*² = RSS/χ²ₙ₋ₚ, β* ~ N(β̂, σ*²(X'X)⁻¹), and a missing value
/// x'β* + σ*e. Rubin 1987, page 167; R `mice::mice.impute.norm` (which adds a ridge of 1e-5; here there is none).
public struct LinearImputation: Sendable {
  /// The variable, which names its random streams.
  public let variable: String
  private let coefficients: [Double]
  private let factor: CholeskyFactor
  private let residualSquares: Double
  private let df: Double

  /// The posterior of the regression on the rows where the variable is observed.
  ///
  /// - Parameters:
  ///   - variable: its name.
  ///   - values: the variable; NaN where missing.
  ///   - design: the predictors with the intercept's column, a row a participant.
  /// - Throws: `MissingDataError` for too few observed values, predictors that are not finite or not independent.
  public init(variable: String, values: [Double], design: Matrix) throws(MissingDataError) {
    precondition(values.count == design.rows, "\(values.count) values and \(design.rows) rows")
    guard design.isFinite else { throw .missingPredictor(variable: variable) }
    let known = values.indices.filter { !values[$0].isNaN }
    guard known.count > design.columns else {
      throw .tooFewObserved(variable: variable, observed: known.count, needed: design.columns + 1)
    }
    let x = design.selecting(rows: known)
    let y = known.map { values[$0] }
    guard y.allSatisfy(\.isFinite), let qr = try? PivotedQR(of: x), qr.rank == design.columns,
      let factor = try? CholeskyFactor(of: x.gram())
    else { throw .collinear(variable: variable) }
    self.variable = variable
    self.factor = factor
    coefficients = qr.coefficients(for: y).map { $0 ?? 0 }
    let fitted = x * coefficients
    residualSquares = zip(y, fitted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    df = Double(known.count - design.columns)
  }

  /// One draw of the regression's parameters.
  public struct Parameters: Sendable, Equatable {
    public let coefficients: [Double]
    public let sigma: Double
  }

  /// Draws the parameters of one imputation, from the stream of the variable, the imputation and the cycle.
  public func parameters(imputation: Int, cycle: Int = 0, seed: UInt64) -> Parameters {
    var stream = RandomStream(
      seed: seed, purpose: "imputation/\(variable)/parameters", replicate: imputation, unit: cycle)
    let sigma = (residualSquares / stream.draw(ChiSquared(df: df))).squareRoot()
    let noise = coefficients.indices.map { _ in stream.normal() }
    // (X'X)⁻¹ = L⁻ᵀL⁻¹, so L⁻ᵀz has that covariance.
    let spread = factor.solveTransposedLower(noise)
    return Parameters(
      coefficients: zip(coefficients, spread).map { $0 + sigma * $1 }, sigma: sigma)
  }

  /// A draw of one participant's value.
  ///
  /// The deviate comes from the stream of the participant's identifier, the variable, the imputation and the cycle: it
  /// stays the same whoever else is in the data, and in whatever order.
  public func value(
    participant: String, predictors: [Double], parameters: Parameters, imputation: Int, cycle: Int = 0,
    seed: UInt64
  ) -> Double {
    var stream = RandomStream(
      seed: seed, purpose: "imputation/\(variable)/participant/\(participant)", replicate: imputation,
      unit: cycle)
    return dot(predictors, parameters.coefficients) + parameters.sigma * stream.normal()
  }
}
