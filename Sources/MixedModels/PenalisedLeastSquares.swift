import LinearAlgebra

/// The cross-products of a mixed model, reduced over the random effects for given relative covariance factors.
///
/// With V = I + Z Λ Λ' Z' (the covariance of the weighted response over σ²) and M the fixed-effects basis with the
/// response as its last column, everything the likelihood needs is log |V| and K = M'V⁻¹M. Bates, Mächler, Bolker & Walker,
/// J Stat Softw 2015;67(1), section 3, doi 10.18637/jss.v067.i01, factor the same matrix.
///
/// Conformers are structs, so that their scratch is free of run-time exclusivity checks in the inner loops.
protocol PenalisedLeastSquares {
  /// The number of columns of M, p + 1.
  var width: Int { get }

  /// Writes the lower triangle of K, column-major, and returns log |V|; nil where a factorisation fails.
  ///
  /// - Parameter lambda: the flat factors of all blocks (`RandomEffectsLayout.fillLambda`).
  mutating func reduce(_ lambda: [Double], into k: inout [Double]) -> Double?

  /// Whether an evaluation costs so much that a search by gradients from the start pays.
  var isDense: Bool { get }

  /// θ from moments of the data, where that is a better start than equal variances; nil otherwise.
  func momentStart() -> [Double]?

  /// K with the sums that derivatives with respect to the relative covariances need.
  ///
  /// - Parameter includingTraces: whether `traceOfProducts` is wanted, which costs as much again where `isDense`.
  mutating func derivativeSums(
    _ lambda: [Double], includingTraces: Bool
  ) throws(LinearAlgebraError) -> DerivativeSums

  /// For every block and level the conditional modes Λû and their covariance over σ², ΛΩ⁻¹Λ' with Ω = Λ'Z'ZΛ + I.
  ///
  /// - Parameter direction: (−β, 1) on the basis, so that M times it is the residual of the fixed effects.
  mutating func conditionalModes(
    _ lambda: [Double], direction: [Double]
  ) throws(LinearAlgebraError) -> [ConditionalModes]
}

extension PenalisedLeastSquares {
  func momentStart() -> [Double]? { nil }
}

/// The conditional modes of the random effects of one block, on the layout's scale.
struct ConditionalModes {
  /// q × levels.
  var modes: Matrix
  /// The q × q covariance of every level, relative to σ²: column l holds that of level l, column by column.
  var covariances: Matrix
}

/// Sums over the data from which first and second derivatives of the likelihood follow in closed form.
///
/// V_a = Z E_a Z' is the derivative of V with respect to the relative covariance a, E_a having ones at the two places of
/// that covariance in every level's block.
struct DerivativeSums {
  /// log|V|.
  var logDeterminant = 0.0
  /// K = M'V⁻¹M, both triangles.
  var k: Matrix
  /// M'V⁻¹V_aV⁻¹M.
  var first: [Matrix]
  /// The symmetric part of M'V⁻¹V_aV⁻¹V_bV⁻¹M for a ≥ b, at `pair(a, b)`.
  var second: [Matrix]
  /// tr V⁻¹V_a.
  var trace: [Double]
  /// tr V⁻¹V_aV⁻¹V_b.
  var traceOfProducts: Matrix

  init(parameters m: Int, width w: Int) {
    k = Matrix(rows: w, columns: w)
    first = Array(repeating: Matrix(rows: w, columns: w), count: m)
    second = Array(repeating: Matrix(rows: w, columns: w), count: m * (m + 1) / 2)
    trace = [Double](repeating: 0, count: m)
    traceOfProducts = Matrix(rows: m, columns: m)
  }

  /// The place of a pair of parameters in `second`.
  static func pair(_ a: Int, _ b: Int) -> Int {
    a >= b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a
  }
}
