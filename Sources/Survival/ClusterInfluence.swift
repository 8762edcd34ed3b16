/// What each cluster of rows has added to an estimate that is a running sum over time, with the sum of their squares: the
/// infinitesimal jackknife's variance.
///
/// At each time every row at risk adds the same amount times its weight, so that U_g = V_g + W_g C with W_g the weight of
/// the cluster's rows at risk and C common to all. Σ U² then follows from Σ V², Σ V W and Σ W², which change with single rows
/// only: O(1) a row and a time, not O(clusters) a time.
struct ClusterInfluence {
  private var v: [Double]
  private var w: [Double]
  private var common = 0.0
  private var vv = 0.0
  private var vw = 0.0
  private var ww = 0.0

  init(clusters: Int) {
    v = [Double](repeating: 0, count: clusters)
    w = v
  }

  /// A row of a cluster comes under observation (weight above 0) or leaves it (below 0).
  mutating func changeAtRisk(_ g: Int, by weight: Double) {
    replace(g, v: v[g] - weight * common, w: w[g] + weight)
  }

  /// One cluster adds an amount.
  mutating func add(_ g: Int, _ amount: Double) { replace(g, v: v[g] + amount, w: w[g]) }

  /// Every row at risk adds an amount times its weight.
  mutating func addToAll(_ amount: Double) { common += amount }

  /// Σ_g U_g².
  var sumOfSquares: Double { max(0, vv + 2 * common * vw + common * common * ww) }

  private mutating func replace(_ g: Int, v newV: Double, w newW: Double) {
    vv += newV * newV - v[g] * v[g]
    vw += newV * newW - v[g] * w[g]
    ww += newW * newW - w[g] * w[g]
    v[g] = newV
    w[g] = newW
  }
}
