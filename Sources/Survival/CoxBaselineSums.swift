import Glibc
import LinearAlgebra

/// Running sums of the baseline hazard of a Cox fit, its variance and its covariate means, by stratum.
struct CoxBaselineSums {
  /// The sums up to a time in one stratum.
  struct Point {
    /// The event time they end with; nil before the first.
    let event: Int?
    /// Σ dH and Σ m/D², on the kernel's scale.
    let hazard: Double
    let variance: Double
    /// True beyond the last time of the stratum.
    let isBeyond: Bool
  }

  let fit: CoxFit
  /// The covariance of the coefficients on the kernel's scale.
  let covariance: Matrix
  private let shift: [Double]
  /// Σ dH, Σ m/D² up to each event time, on the kernel's scale.
  private var hazard: [Double]
  private var variance: [Double]
  /// Σ x̄ dH up to each event time, event times × estimable.
  private var means: Matrix
  /// The last time of each stratum.
  private let lastTime: [Double]

  init(_ fit: CoxFit) {
    self.fit = fit
    let sets = fit.sets
    let influence = CoxInfluence(sets, b: fit.scaled, ties: fit.ties)
    let kernel = influence.kernel
    shift = kernel.shift
    hazard = kernel.hazard
    variance = kernel.squareWeights().alpha
    means = Matrix(rows: sets.eventTimeCount, columns: fit.estimable.count)
    for j in fit.estimable.indices { means.setColumn(j, influence.eventMeans(j).hazard) }
    for stratum in sets.strata {
      for k in stratum.events.dropFirst() {
        hazard[k] += hazard[k - 1]
        variance[k] += variance[k - 1]
        for j in fit.estimable.indices { means[k, j] += means[k - 1, j] }
      }
    }
    covariance = fit.covariance.matrix.sandwiched(by: Matrix.diagonal(sets.scale))
    lastTime = sets.strata.map { stratum in
      let last = stratum.rows.reduce(Int32(0)) { max($0, fit.data.timeRank[Int(sets.order[$1])]) }
      return fit.data.distinctTimes[Int(last)]
    }
  }

  /// The sums up to a time.
  func point(_ time: Double, stratum s: Int) -> Point {
    let sets = fit.sets
    let events = sets.strata[s].events
    let place = sets.eventRank[events].partitioningIndex { fit.data.distinctTimes[Int($0)] > time }
    let isBeyond = time > lastTime[s]
    guard place > 0 else { return Point(event: nil, hazard: 0, variance: 0, isBeyond: isBeyond) }
    let k = events.lowerBound + place - 1
    return Point(event: k, hazard: hazard[k], variance: variance[k], isBeyond: isBeyond)
  }

  /// e^η of a person, on the kernel's scale, H(t | x), and q = Σ (x − x̄_k) dH_k.
  func row(
    _ x: [Double], offset: Double, stratum s: Int, _ point: Point
  ) -> (risk: Double, hazard: Double, q: [Double]) {
    let sets = fit.sets
    var eta = offset - shift[s]
    var q = [Double](repeating: 0, count: x.count)
    for a in x.indices {
      let centred = (x[a] - sets.means[s, a]) / sets.scale[a]
      eta += fit.scaled[a] * centred
      if let k = point.event { q[a] = centred * point.hazard - means[k, a] }
    }
    let risk = exp(eta)
    return (risk, risk * point.hazard, q)
  }

  /// H(t | x) and its variance.
  func at(
    _ time: Double, stratum s: Int, x: [Double], offset: Double
  ) -> (hazard: Double, variance: Double, isBeyond: Bool) {
    let point = point(time, stratum: s)
    guard point.event != nil else { return (0, 0, point.isBeyond) }
    let row = row(x, offset: offset, stratum: s, point)
    let spread = point.variance + (x.isEmpty ? 0 : covariance.quadraticForm(row.q))
    return (row.hazard, row.risk * row.risk * spread, point.isBeyond)
  }
}
