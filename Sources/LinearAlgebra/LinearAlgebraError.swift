/// Why a factorisation or a solve gave no result.
///
/// These speak of the data (a matrix that is not positive definite, a value that is not finite). A shape that does not
/// fit is a programming error and traps.
public enum LinearAlgebraError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The leading minor of this order is not positive, so that no Cholesky factor exists.
  case notPositiveDefinite(order: Int)
  /// The matrix has no inverse: this diagonal element of its triangular factor is zero.
  case singular(column: Int)
  /// An element that goes in or comes out is infinite or not a number.
  case notFinite(routine: String)
  /// An iteration inside the routine did not converge.
  case noConvergence(routine: String)

  public var description: String {
    switch self {
    case .notPositiveDefinite(let order):
      "the matrix is not positive definite (leading minor of order \(order))"
    case .singular(let column): "the matrix is singular (column \(column + 1))"
    case .notFinite(let routine): "a value that is not finite in \(routine)"
    case .noConvergence(let routine): "\(routine) did not converge"
    }
  }
}

/// The 32-bit integer that LAPACKE takes for a dimension.
///
/// - Precondition: `value` fits; a matrix with 2³¹ rows is beyond this library.
@inlinable
func lapackInt(_ value: Int) -> Int32 { Int32(value) }
