import Glibc
import LinearAlgebra

/// How events at one time share their risk set.
public enum CoxTies: String, Sendable, CaseIterable {
  /// Efron's: the tied persons leave the risk set by halves, thirds, … (the default here and in R).
  case efron
  /// Breslow's: every tied event sees the whole risk set (the default in SAS, Stata and SPSS).
  case breslow
  /// The exact conditional likelihood of which d of those at risk have the event (R `exact`, SAS `DISCRETE`).
  case exact
}

/// The partial likelihood with Efron's or Breslow's treatment of ties, and the sums over risk sets it is made of.
///
/// With r_i = w_i exp(η_i), S0, S1 the sums of r and r x over a risk set, E0, E1 those over its d tied events and m their
/// mean weight, an event time contributes Σ_{l<d} m log(S0 − (l/d) E0) to −log L (Efron; l/d is replaced by 0 for
/// Breslow). The information is X' diag(v) X less a sum of two squares an event time,
/// v_i = r_i (A(exit) − A(entry) − event_i c), A the running sum of a = Σ m/(S0 − (l/d) E0) and c = Σ (l/d) m/(…): one
/// cross-product an iteration, O(n p² + K p²) for K event times, left truncation included. Sums over risk sets are
/// differences of running sums. Efron (1977), doi:10.1080/01621459.1977.10480613; Breslow (1974), doi:10.2307/2529620.
///
/// An instance owns its work space, so it must stay on one thread.
final class CoxPartialLikelihood {
  let sets: CoxRiskSets
  let ties: CoxTies
  /// The known part of η of the kept rows; that of the data unless replaced.
  var offset: [Double]?
  /// Σ w x over the events, which does not change with the coefficients.
  private let eventSums: [Double]

  /// η, with the largest in the stratum subtracted; kept rows.
  private(set) var eta: [Double]
  /// r = w exp(η); kept rows.
  private(set) var risk: [Double]
  /// S0 and E0 at each event time.
  private(set) var s0: [Double]
  private(set) var e0: [Double]
  /// a, c at each event time.
  private(set) var hazard: [Double]
  private(set) var tieShare: [Double]
  /// S1 (K × p) and, where events are tied, E1 (K × p).
  private(set) var s1: Matrix
  private(set) var e1: Matrix
  /// What was subtracted from η in each stratum.
  private(set) var shift: [Double]
  private let corrects: Bool

  init(_ sets: CoxRiskSets, ties: CoxTies) {
    precondition(ties != .exact, "the exact likelihood has a kernel of its own")
    self.sets = sets
    self.ties = ties
    offset = sets.offset
    let n = sets.order.count
    let k = sets.eventTimeCount
    let p = sets.x.columns
    corrects = ties == .efron && sets.tied.contains { $0 > 1 }
    eta = [Double](repeating: 0, count: n)
    risk = eta
    s0 = [Double](repeating: 0, count: k)
    e0 = s0
    hazard = s0
    tieShare = s0
    s1 = Matrix(rows: k, columns: p)
    e1 = corrects ? s1 : Matrix(rows: 0, columns: p)
    shift = [Double](repeating: 0, count: sets.strata.count)
    eventSums = (0..<p).map { j in
      var sum = 0.0
      for i in 0..<n where sets.isEvent[i] { sum += (sets.weights?[i] ?? 1) * sets.x.storage[i + j * n] }
      return sum
    }
  }

  /// The log partial likelihood and its derivatives at scaled coefficients b.
  func evaluate(at b: [Double]) -> LikelihoodDerivatives {
    linearPredictor(b)
    riskSums()
    let logLikelihood = hazards()
    covariateSums()
    return LikelihoodDerivatives(
      logLikelihood: logLikelihood, score: score(), information: information())
  }

  /// η = X b + offset less its maximum in the stratum, and r = w exp(η).
  private func linearPredictor(_ b: [Double]) {
    let n = eta.count
    eta.withUnsafeMutableBufferPointer { eta in
      if let offset {
        for i in 0..<n { eta[i] = offset[i] }
      } else {
        eta.update(repeating: 0)
      }
      sets.x.storage.withUnsafeBufferPointer { x in
        // Rows in chunks that stay in cache while the columns pass over them.
        for start in stride(from: 0, to: n, by: 2048) {
          let rows = min(2048, n - start)
          let part = UnsafeMutableBufferPointer(rebasing: eta[start..<(start + rows)])
          for j in 0..<b.count where b[j] != 0 {
            let column = UnsafeBufferPointer(rebasing: x[(j * n + start)..<(j * n + start + rows)])
            let bj = b[j]
            for i in 0..<rows { part[i] += bj * column[i] }
          }
        }
      }
      risk.withUnsafeMutableBufferPointer { risk in
        for (s, stratum) in sets.strata.enumerated() {
          var largest = -Double.infinity
          for i in stratum.rows { largest = max(largest, eta[i]) }
          shift[s] = largest
          for i in stratum.rows {
            eta[i] -= largest
            risk[i] = exp(eta[i])
          }
        }
        sets.weights?.withUnsafeBufferPointer { weights in
          for i in 0..<n { risk[i] *= weights[i] }
        }
      }
    }
  }

  /// S0 and, where ties need it, E0.
  private func riskSums() {
    risk.withUnsafeBufferPointer { risk in
      s0.withUnsafeMutableBufferPointer { s0 in sumOverRiskSets(risk, into: s0) }
      guard corrects else { return }
      e0.withUnsafeMutableBufferPointer { e0 in sumOverEvents(risk, into: e0) }
    }
  }

  /// Sums a value a row over the risk set of every event time: of all who exit at or after it less those who enter then.
  func sumOverRiskSets(_ value: UnsafeBufferPointer<Double>, into sums: UnsafeMutableBufferPointer<Double>) {
    sets.upper.withUnsafeBufferPointer { upper in
      sets.lower.withUnsafeBufferPointer { lower in
        for stratum in sets.strata {
          let first = stratum.events.lowerBound
          for k in stratum.events { sums[k] = 0 }
          if sets.hasEntries {
            for i in stratum.rows where Int(lower[i]) > first { sums[Int(lower[i]) - 1] -= value[i] }
          }
          var i = stratum.rows.upperBound - 1
          var running = 0.0
          for k in stride(from: stratum.events.upperBound - 1, through: first, by: -1) {
            while i >= stratum.rows.lowerBound, Int(upper[i]) == k + 1 {
              running += value[i]
              i -= 1
            }
            running += sums[k]
            sums[k] = running
          }
        }
      }
    }
  }

  /// Sums a value a row over the events at every event time.
  func sumOverEvents(_ value: UnsafeBufferPointer<Double>, into sums: UnsafeMutableBufferPointer<Double>) {
    sums.update(repeating: 0)
    sets.upper.withUnsafeBufferPointer { upper in
      sets.isEvent.withUnsafeBufferPointer { isEvent in
        for i in 0..<value.count where isEvent[i] { sums[Int(upper[i]) - 1] += value[i] }
      }
    }
  }

  /// a and c at each event time; returns log L.
  private func hazards() -> Double {
    var logLikelihood = 0.0
    eta.withUnsafeBufferPointer { eta in
      sets.isEvent.withUnsafeBufferPointer { isEvent in
        if let weights = sets.weights {
          for i in 0..<eta.count where isEvent[i] { logLikelihood += weights[i] * eta[i] }
        } else {
          for i in 0..<eta.count where isEvent[i] { logLikelihood += eta[i] }
        }
      }
    }
    for k in 0..<s0.count {
      let d = Int(sets.tied[k])
      if d == 1 || ties == .breslow {
        hazard[k] = sets.eventWeight[k] / s0[k]
        tieShare[k] = 0
        logLikelihood -= sets.eventWeight[k] * log(s0[k])
        continue
      }
      let m = sets.eventWeight[k] / Double(d)
      var a = 0.0
      var c = 0.0
      for l in 0..<d {
        let share = Double(l) / Double(d)
        let denominator = s0[k] - share * e0[k]
        a += m / denominator
        c += share * m / denominator
        logLikelihood -= m * log(denominator)
      }
      hazard[k] = a
      tieShare[k] = c
    }
    return logLikelihood
  }

  /// S1 and, where ties need it, E1.
  private func covariateSums() {
    let n = eta.count
    let k = s0.count
    var product = [Double](repeating: 0, count: n)
    product.withUnsafeMutableBufferPointer { product in
      for j in 0..<sets.x.columns {
        risk.withUnsafeBufferPointer { risk in
          sets.x.storage.withUnsafeBufferPointer { x in
            let column = UnsafeBufferPointer(rebasing: x[(j * n)..<((j + 1) * n)])
            for i in 0..<n { product[i] = risk[i] * column[i] }
          }
        }
        let value = UnsafeBufferPointer(product)
        s1.storage.withUnsafeMutableBufferPointer {
          sumOverRiskSets(value, into: UnsafeMutableBufferPointer(rebasing: $0[(j * k)..<((j + 1) * k)]))
        }
        if corrects {
          e1.storage.withUnsafeMutableBufferPointer {
            sumOverEvents(value, into: UnsafeMutableBufferPointer(rebasing: $0[(j * k)..<((j + 1) * k)]))
          }
        }
      }
    }
  }

  /// U = Σ_k g (Σ w x − (a S1 − c E1)), with the events' sum of w x at each event time.
  ///
  /// - Parameter g: a factor for each event time; nil for ones.
  func score(timesWeighted g: [Double]? = nil) -> [Double] {
    let k = s0.count
    let n = eta.count
    let a = g.map { zip($0, hazard).map { $0 * $1 } } ?? hazard
    let c = g.map { zip($0, tieShare).map { $0 * $1 } } ?? tieShare
    return (0..<sets.x.columns).map { j in
      var sum = 0.0
      s1.storage.withUnsafeBufferPointer { s1 in
        a.withUnsafeBufferPointer { a in
          for t in 0..<k { sum += a[t] * s1[t + j * k] }
        }
      }
      if corrects {
        for t in 0..<k { sum -= c[t] * e1.storage[t + j * k] }
      }
      guard let g else { return eventSums[j] - sum }
      var observed = 0.0
      for i in 0..<n where sets.isEvent[i] {
        observed += g[Int(sets.upper[i]) - 1] * (sets.weights?[i] ?? 1) * sets.x.storage[i + j * n]
      }
      return observed - sum
    }
  }

  /// X' diag(v) X − Σ_k (α S1S1' − β(S1E1' + E1S1') + γ E1E1'), optionally with a factor g at each event time.
  ///
  /// - Parameter g: at least 0 for each event time; nil for ones.
  func information(timesWeighted g: [Double]? = nil) -> Matrix {
    let p = sets.x.columns
    var information = Matrix(rows: p, columns: p)
    guard p > 0 else { return information }
    addSecondMoments(g, to: &information)
    subtractSquares(g, from: &information)
    information.mirrorUpper()
    return information
  }

  /// v_i = r_i (A(exit) − A(entry) − event_i c): the hazard that row i has been at risk of, times its risk.
  ///
  /// - Returns: for each kept row Σ_k g a over its event times, less g c of its own event.
  func exposure(timesWeighted g: [Double]? = nil) -> [Double] {
    let n = eta.count
    var running = g.map { zip($0, hazard).map { $0 * $1 } } ?? hazard
    for stratum in sets.strata {
      for k in stratum.events.dropFirst() { running[k] += running[k - 1] }
    }
    let share = g.map { zip($0, tieShare).map { $0 * $1 } } ?? tieShare
    return [Double](unsafeUninitializedCapacity: n) { out, count in
      sets.lower.withUnsafeBufferPointer { lower in
        sets.upper.withUnsafeBufferPointer { upper in
          sets.isEvent.withUnsafeBufferPointer { isEvent in
            running.withUnsafeBufferPointer { running in
              share.withUnsafeBufferPointer { share in
                for stratum in sets.strata {
                  let first = stratum.events.lowerBound
                  for i in stratum.rows {
                    let last = Int(upper[i]) - 1
                    var v = running[last]
                    let start = Int(lower[i])
                    if start > first { v -= running[start - 1] }
                    if isEvent[i] { v -= share[last] }
                    out[i] = v
                  }
                }
              }
            }
          }
        }
      }
      count = n
    }
  }

  private func addSecondMoments(_ g: [Double]?, to information: inout Matrix) {
    let n = eta.count
    let p = sets.x.columns
    var roots = exposure(timesWeighted: g)
    roots.withUnsafeMutableBufferPointer { roots in
      risk.withUnsafeBufferPointer { risk in
        for i in 0..<n { roots[i] = max(0, roots[i] * risk[i]).squareRoot() }
      }
    }
    let chunk = min(n, 1024)
    var block = [Double](repeating: 0, count: chunk * p)
    for start in stride(from: 0, to: n, by: chunk) {
      let rows = min(chunk, n - start)
      block.withUnsafeMutableBufferPointer { block in
        sets.x.storage.withUnsafeBufferPointer { x in
          roots.withUnsafeBufferPointer { roots in
            for j in 0..<p {
              for i in 0..<rows { block[i + j * chunk] = roots[start + i] * x[start + i + j * n] }
            }
          }
        }
        information.addGram(ofBlock: block.baseAddress!, rows: rows, leading: chunk)
      }
    }
  }

  /// The coefficients α, β, γ of the squares that an event time takes from the information.
  struct SquareWeights {
    var alpha: [Double]
    var beta: [Double]
    var gamma: [Double]

    /// α s s' − β (s e' + e s') + γ e e' at an event time, for sums s, s' over its risk set and e, e' over its events.
    @inline(__always)
    func product(_ k: Int, _ s: Double, _ e: Double, _ s2: Double, _ e2: Double) -> Double {
      alpha[k] * s * s2 - beta[k] * (s * e2 + e * s2) + gamma[k] * e * e2
    }
  }

  /// α = Σ m/D², β = Σ (l/d) m/D², γ = Σ (l/d)² m/D² with D = S0 − (l/d) E0, times a factor g at each event time.
  func squareWeights(timesWeighted g: [Double]? = nil) -> SquareWeights {
    let zero = [Double](repeating: 0, count: s0.count)
    var weights = SquareWeights(alpha: zero, beta: zero, gamma: zero)
    for k in 0..<s0.count {
      let d = Int(sets.tied[k])
      let factor = g?[k] ?? 1
      if d == 1 || !corrects {
        weights.alpha[k] = factor * sets.eventWeight[k] / (s0[k] * s0[k])
        continue
      }
      let m = factor * sets.eventWeight[k] / Double(d)
      for l in 0..<d {
        let share = Double(l) / Double(d)
        let denominator = s0[k] - share * e0[k]
        let term = m / (denominator * denominator)
        weights.alpha[k] += term
        weights.beta[k] += share * term
        weights.gamma[k] += share * share * term
      }
    }
    return weights
  }

  /// E1 of a covariate at an event time; 0 where ties need no correction.
  func tiedSum(_ k: Int, _ j: Int) -> Double { corrects ? e1[k, j] : 0 }

  /// Subtracts, for each event time, α (S1 − (β/α) E1)(…)' + (γ − β²/α) E1E1', both factors at least 0 by Cauchy–Schwarz.
  private func subtractSquares(_ g: [Double]?, from information: inout Matrix) {
    let p = sets.x.columns
    let count = s0.count
    let chunk = min(count, 1024)
    var block = [Double](repeating: 0, count: chunk * p)
    let weights = squareWeights(timesWeighted: g)
    let first = weights.alpha.map { $0.squareRoot() }
    let ratio = corrects ? zip(weights.beta, weights.alpha).map { $1 > 0 ? $0 / $1 : 0 } : []
    let second =
      corrects
      ? ratio.indices.map {
        max(0, weights.gamma[$0] - weights.beta[$0] * ratio[$0]).squareRoot()
      } : []
    for start in stride(from: 0, to: count, by: max(chunk, 1)) {
      let rows = min(chunk, count - start)
      block.withUnsafeMutableBufferPointer { block in
        s1.storage.withUnsafeBufferPointer { s1 in
          e1.storage.withUnsafeBufferPointer { e1 in
            for j in 0..<p {
              for t in 0..<rows {
                let k = start + t
                let correction = corrects ? ratio[k] * e1[k + j * count] : 0
                block[t + j * chunk] = first[k] * (s1[k + j * count] - correction)
              }
            }
            information.addGram(ofBlock: block.baseAddress!, rows: rows, leading: chunk, sign: -1)
            guard corrects else { return }
            for j in 0..<p {
              for t in 0..<rows {
                block[t + j * chunk] = second[start + t] * e1[start + t + j * count]
              }
            }
            information.addGram(ofBlock: block.baseAddress!, rows: rows, leading: chunk, sign: -1)
          }
        }
      }
    }
  }
}
