import LinearAlgebra

/// Martingale and score residuals of every row at given coefficients, from one pass over the risk sets.
///
/// With H(t) the running sum of a = Σ_l m/(S0 − (l/d)E0) and HX(t) that of Σ_l m x̄_l/(…), x̄_l = (S1 − (l/d)E1)/(S0 − (l/d)E0),
/// the score residual of row i is
/// event_i (x_i − mean_l x̄_l) − r_i (x_i (H(exit) − H(entry) − event_i c) − (HX(exit) − HX(entry) − event_i cx)).
/// Therneau & Grambsch, Modeling Survival Data (2000), sections 4.6 and 7.1. O(n p).
struct CoxInfluence {
  let sets: CoxRiskSets
  let kernel: CoxPartialLikelihood
  /// exp(η − shift) of the kept rows, without the weight.
  private let score: [Double]

  init(_ sets: CoxRiskSets, b: [Double], ties: CoxTies) {
    self.sets = sets
    kernel = CoxPartialLikelihood(sets, ties: ties == .exact ? .breslow : ties)
    _ = kernel.evaluate(at: b)
    if let weights = sets.weights {
      score = zip(kernel.risk, weights).map { $0 / $1 }
    } else {
      score = kernel.risk
    }
  }

  /// The martingale residuals event_i − exp(η_i) ∫ dH of the kept rows.
  func martingale() -> [Double] {
    let exposure = kernel.exposure()
    return sets.order.indices.map { (sets.isEvent[$0] ? 1 : 0) - score[$0] * exposure[$0] }
  }

  /// For each event time: mean_l x̄_l, Σ_l m x̄_l/denominator and Σ_l (l/d) m x̄_l/denominator of one covariate.
  func eventMeans(_ j: Int) -> (mean: [Double], hazard: [Double], tieShare: [Double]) {
    let count = sets.eventTimeCount
    var mean = [Double](repeating: 0, count: count)
    var hazard = mean
    var share = mean
    for k in 0..<count {
      let d = Int(sets.tied[k])
      let s1 = kernel.s1(k, j)
      if d == 1 || kernel.ties == .breslow {
        mean[k] = s1 / kernel.s0(k)
        hazard[k] = mean[k] * kernel.hazard[k]
        continue
      }
      let e1 = kernel.e1(k, j)
      let m = sets.eventWeight[k] / Double(d)
      for l in 0..<d {
        let f = Double(l) / Double(d)
        let denominator = kernel.s0(k) - f * kernel.e0(k)
        let average = (s1 - f * e1) / denominator
        mean[k] += average / Double(d)
        hazard[k] += m * average / denominator
        share[k] += f * m * average / denominator
      }
    }
    return (mean, hazard, share)
  }

  /// The score residuals, kept rows × p, on the kernel's scale and without the case weight.
  func scoreResiduals() -> Matrix {
    let n = sets.order.count
    let p = sets.x.columns
    var residuals = Matrix(rows: n, columns: p)
    let exposure = kernel.exposure()
    for j in 0..<p {
      let (mean, hazard, share) = eventMeans(j)
      var running = hazard
      for stratum in sets.strata {
        for k in stratum.events.dropFirst() { running[k] += running[k - 1] }
        let first = stratum.events.lowerBound
        for i in stratum.rows {
          let last = Int(sets.upper[i]) - 1
          let start = Int(sets.lower[i])
          var expected = running[last] - (start > first ? running[start - 1] : 0)
          let x = sets.x.storage[i + j * n]
          var own = 0.0
          if sets.isEvent[i] {
            expected -= share[last]
            own = x - mean[last]
          }
          residuals.storage[i + j * n] = own - score[i] * (x * exposure[i] - expected)
        }
      }
    }
    return residuals
  }

  /// The influence of each kept row on the coefficients, D = W U V on the caller's scale (`dfbeta`), kept rows × p.
  ///
  /// - Parameter vcov: the model-based covariance on the caller's scale.
  func coefficientChanges(_ vcov: Matrix) -> Matrix {
    var u = scoreResiduals()
    let n = u.rows
    for j in 0..<u.columns {
      for i in 0..<n {
        u.storage[i + j * n] *= sets.scale[j] * (sets.weights?[i] ?? 1)
      }
    }
    return u * vcov
  }

  /// Σ_g D_g D_g', D_g the summed influence of a cluster's rows.
  func sandwich(_ vcov: Matrix, clusters: (codes: [Int32], count: Int)?) -> Matrix {
    let changes = coefficientChanges(vcov)
    guard let clusters else { return changes.gram() }
    var sums = Matrix(rows: clusters.count, columns: changes.columns)
    for j in 0..<changes.columns {
      for (i, row) in sets.order.enumerated() {
        sums.storage[Int(clusters.codes[Int(row)]) + j * clusters.count] += changes[i, j]
      }
    }
    return sums.gram()
  }
}
