import LinearAlgebra

/// The covariance matrix of a vector of estimates, tagged with how it was estimated.
///
/// A fit holds one of these and uses it for every standard error, limit and test, so that a robust matrix can never be
/// printed beside model-based limits.
public struct CovarianceEstimate: Sendable, Equatable {
  /// How a covariance matrix of estimates came about.
  public enum Kind: Sendable, Equatable {
    /// The inverse of the information the model implies.
    case modelBased
    /// Heteroscedasticity-consistent, row by row, of the named type ("HC0" … "HC3").
    case robust(String)
    /// Sandwich over clusters ("CR1", the grouped sandwich of a Cox or GEE fit, …).
    case clustered(String)
    /// Kenward–Roger's small-sample adjustment.
    case kenwardRoger(String)
    /// From resampled estimates.
    case bootstrap
  }

  /// The matrix over the estimable coefficients.
  public let matrix: Matrix
  /// How it was estimated.
  public let kind: Kind

  public init(_ matrix: Matrix, kind: Kind) {
    self.matrix = matrix
    self.kind = kind
  }

  /// The standard errors, square roots of the diagonal.
  public var standardErrors: [Double] { matrix.diagonal.map { $0.squareRoot() } }
}
