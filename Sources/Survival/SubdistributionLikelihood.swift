import Glibc
import LinearAlgebra

/// The weighted partial likelihood of a subdistribution hazard and the parts of its sandwich variance.
///
/// The risk set at an event time t_k holds everyone with T ≥ t_k with weight 1, and those whose competing event came
/// before with weight G(t_k−)/G(T−). Because that weight is a product of a function of t_k and one of T, sums over risk
/// sets are a suffix sum plus G(t_k−) times a prefix sum, and the whole is O(n p²) as for Cox's model.
struct SubdistributionLikelihood: Sendable {
  /// Rows sorted by time.
  private let order: [Int32]
  /// Covariates in that order, centred and scaled.
  private let x: Matrix
  /// What each covariate was divided by.
  let scale: [Double]
  /// The mean of each covariate, which was subtracted.
  private let means: [Double]
  /// 0 censored, 1 the cause, 2 another cause.
  private let kind: [UInt8]
  /// For each row the number of event times up to its own.
  private let upper: [Int]
  /// For each row the place of its time among all distinct times.
  private let rank: [Int32]
  /// 1/G(T−) of each row.
  private let inverseCensoring: [Double]
  /// For each event time of the cause: its place among the distinct times, G just before it, and its events.
  private let eventRank: [Int32]
  private let censoring: [Double]
  private let tied: [Double]

  init(_ data: SurvivalData, design: Matrix, cause: Int32) {
    let n = data.count
    order = countingOrder(data.timeRank, bound: data.distinctTimes.count)
    rank = order.map { data.timeRank[Int($0)] }
    kind = order.map { row in
      let c = data.cause[Int(row)]
      return c == 0 ? 0 : c == cause ? 1 : 2
    }
    let before = Self.censoringSurvival(kind, rank, distinct: data.distinctTimes.count)
    inverseCensoring = rank.map { 1 / before[Int($0)] }
    var eventRank: [Int32] = []
    var tied: [Double] = []
    for i in 0..<n where kind[i] == 1 {
      if eventRank.last == rank[i] {
        tied[tied.count - 1] += 1
      } else {
        eventRank.append(rank[i])
        tied.append(1)
      }
    }
    var upper = [Int](repeating: 0, count: n)
    var k = 0
    for i in 0..<n {
      while k < eventRank.count, eventRank[k] <= rank[i] { k += 1 }
      upper[i] = k
    }
    self.upper = upper
    self.eventRank = eventRank
    self.tied = tied
    censoring = eventRank.map { before[Int($0)] }
    var x = Matrix(rows: n, columns: design.columns)
    var scale = [Double](repeating: 1, count: design.columns)
    var means = [Double](repeating: 0, count: design.columns)
    for j in 0..<design.columns {
      let column = order.map { design[Int($0), j] }
      let mean = column.reduce(0, +) / Double(n)
      means[j] = mean
      let spread = column.reduce(0) { $0 + abs($1 - mean) } / Double(n)
      scale[j] = spread > 0 ? spread : 1
      x.setColumn(j, column.map { ($0 - mean) / scale[j] })
    }
    self.x = x
    self.scale = scale
    self.means = means
  }

  /// G just before every distinct time: the Kaplan–Meier estimate with censorings as the events.
  private static func censoringSurvival(_ kind: [UInt8], _ rank: [Int32], distinct: Int) -> [Double] {
    var before = [Double](repeating: 1, count: distinct)
    var g = 1.0
    var i = 0
    while i < kind.count {
      let r = rank[i]
      before[Int(r)] = g
      let atRisk = Double(kind.count - i)
      var censored = 0.0
      while i < kind.count, rank[i] == r {
        if kind[i] == 0 { censored += 1 }
        i += 1
      }
      g *= 1 - censored / atRisk
    }
    return before
  }

  /// Sums over the risk sets of a value a row that holds its risk as a factor.
  private func sumOverRiskSets(_ value: [Double]) -> [Double] {
    let count = eventRank.count
    var suffix = [Double](repeating: 0, count: count + 1)
    var prefix = [Double](repeating: 0, count: count + 1)
    for i in value.indices {
      suffix[upper[i]] += value[i]
      if kind[i] == 2 { prefix[upper[i]] += value[i] * inverseCensoring[i] }
    }
    // Those with T ≥ t_k have upper > k; those with an earlier competing event have upper ≤ k.
    for k in stride(from: count - 1, through: 0, by: -1) { suffix[k] += suffix[k + 1] }
    for k in 0..<count { prefix[k + 1] += prefix[k] }
    return (0..<count).map { suffix[$0 + 1] + censoring[$0] * prefix[$0] }
  }

  /// The sums that likelihood, information and residuals share, at scaled coefficients.
  private struct Sums {
    var eta: [Double]
    var risk: [Double]
    var s0: [Double]
    /// Event times × p.
    var s1: Matrix
    /// d/S0 at each event time.
    var hazard: [Double]
    var shift: Double
  }

  private func sums(at b: [Double]) -> Sums {
    let p = x.columns
    var eta = p == 0 ? [Double](repeating: 0, count: x.rows) : x * b
    let shift = eta.max() ?? 0
    for i in eta.indices { eta[i] -= shift }
    let risk = eta.map { exp($0) }
    let s0 = sumOverRiskSets(risk)
    var s1 = Matrix(rows: s0.count, columns: p)
    for j in 0..<p {
      let offset = j * x.rows
      s1.setColumn(j, sumOverRiskSets(risk.indices.map { risk[$0] * x.storage[offset + $0] }))
    }
    return Sums(
      eta: eta, risk: risk, s0: s0, s1: s1, hazard: zip(tied, s0).map { $0 / $1 }, shift: shift)
  }

  /// For each row Σ_k a_k over the event times it is at risk at, weights included.
  private func accumulated(_ a: [Double]) -> [Double] {
    let count = a.count
    var running = [Double](repeating: 0, count: count + 1)
    var weighted = running
    for k in 0..<count {
      running[k + 1] = running[k] + a[k]
      weighted[k + 1] = weighted[k] + a[k] * censoring[k]
    }
    return upper.indices.map { i in
      running[upper[i]]
        + (kind[i] == 2 ? (weighted[count] - weighted[upper[i]]) * inverseCensoring[i] : 0)
    }
  }

  /// The log pseudo-likelihood with score and information.
  func evaluate(at b: [Double]) -> LikelihoodDerivatives {
    let p = x.columns
    let sums = sums(at: b)
    var logLikelihood = 0.0
    var score = [Double](repeating: 0, count: p)
    for i in kind.indices where kind[i] == 1 {
      logLikelihood += sums.eta[i]
      for j in 0..<p { score[j] += x.storage[i + j * x.rows] }
    }
    for k in sums.s0.indices { logLikelihood -= tied[k] * log(sums.s0[k]) }
    for j in 0..<p { score[j] -= dot(sums.hazard, sums.s1.column(j)) }
    let exposure = accumulated(sums.hazard)
    let second = x.gram(weights: zip(exposure, sums.risk).map { $0 * $1 })
    let squares = sums.s1.gram(weights: zip(tied, sums.s0).map { $0 / ($1 * $1) })
    return LikelihoodDerivatives(
      logLikelihood: logLikelihood, score: score, information: second - squares)
  }

  /// The baseline's cumulative hazard at scaled coefficients.
  func baseline(_ data: SurvivalData, at b: [Double]) -> SubdistributionBaseline {
    let sums = sums(at: b)
    var running = 0.0
    return SubdistributionBaseline(
      time: eventRank.map { data.distinctTimes[Int($0)] },
      hazard: sums.hazard.map {
        running += $0
        return running
      },
      lastTime: rank.last.map { data.distinctTimes[Int($0)] } ?? 0, centre: means, shift: sums.shift)
  }

  /// Σ (η_i + ψ_i)(η_i + ψ_i)': the variance of the score, the estimation of G included.
  ///
  /// η_i is the weighted score residual. ψ_i = ∫ q(u)/Y(u) dM^c_i(u) is what row i adds through G, with
  /// q(u) = Σ_{t_k ≥ u} G(t_k−) dΛ_k (C1(u) − x̄_k C0(u)) and C0, C1 the sums of r/G and x r/G over those with a competing
  /// event before u. Fine & Gray (1999), section 5 and appendix.
  func sandwich(at b: [Double]) -> Matrix {
    let n = x.rows
    let sums = sums(at: b)
    let exposure = accumulated(sums.hazard)
    var residuals = Matrix(rows: n, columns: x.columns)
    for j in 0..<x.columns {
      let mean = sums.s0.indices.map { sums.s1[$0, j] / sums.s0[$0] }
      let expected = accumulated(zip(sums.hazard, mean).map { $0 * $1 })
      let psi = censoringPart(j, sums, mean)
      for i in 0..<n {
        let value = x.storage[i + j * n]
        let own = kind[i] == 1 ? value - mean[upper[i] - 1] : 0
        residuals.storage[i + j * n] =
          own - sums.risk[i] * (value * exposure[i] - expected[i]) + psi[i]
      }
    }
    return residuals.gram()
  }

  /// ψ of every row for covariate j.
  private func censoringPart(_ j: Int, _ sums: Sums, _ mean: [Double]) -> [Double] {
    let n = x.rows
    let count = eventRank.count
    // Σ over event times from k on of G dΛ and of G dΛ x̄.
    var from = [Double](repeating: 0, count: count + 1)
    var fromMean = from
    for k in stride(from: count - 1, through: 0, by: -1) {
      from[k] = from[k + 1] + censoring[k] * sums.hazard[k]
      fromMean[k] = fromMean[k + 1] + censoring[k] * sums.hazard[k] * mean[k]
    }
    var psi = [Double](repeating: 0, count: n)
    var competing = 0.0
    var competingX = 0.0
    var compensator = 0.0
    var i = 0
    while i < n {
      let start = i
      var censored = 0.0
      while i < n, rank[i] == rank[start] {
        if kind[i] == 0 { censored += 1 }
        i += 1
      }
      let atRisk = Double(n - start)
      // The first event time at or after this time.
      let k = eventRank.partitioningIndex { $0 >= rank[start] }
      let q = competingX * from[k] - competing * fromMean[k]
      compensator += q * censored / (atRisk * atRisk)
      for row in start..<i {
        psi[row] = (kind[row] == 0 ? q / atRisk : 0) - compensator
        if kind[row] == 2 {
          let weight = sums.risk[row] * inverseCensoring[row]
          competing += weight
          competingX += weight * x.storage[row + j * n]
        }
      }
    }
    return psi
  }
}
