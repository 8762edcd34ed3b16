import Glibc
import LinearAlgebra

/// The exact conditional likelihood of tied events (discrete time): which d of the persons at risk have the event.
///
/// An event time contributes Σ_{events} η − log e_d(r), e_d the dth elementary symmetric function of the risk scores
/// r = exp(η) of those at risk. With u = c r/(1 + c r) and q = 1 − u for a constant c such that Σ u ≈ d, e_d is, up to a
/// known factor, the probability that independent trials with success probabilities u give d successes, so that the
/// recursion over persons stays between 0 and 1 whatever d is; first and second derivatives obey the same recursion.
/// Gail, Lubin & Rubinstein (1981), doi:10.1093/biomet/68.3.703. R `coxph(ties = "exact")`, SAS `TIES=DISCRETE`;
/// SAS `TIES=EXACT` is another likelihood. Case weights have no meaning here.
final class CoxExactLikelihood {
  let sets: CoxRiskSets
  private let eventRows: [[Int]]
  private var eta: [Double]

  init(_ sets: CoxRiskSets) {
    self.sets = sets
    var rows = [[Int]](repeating: [], count: sets.eventTimeCount)
    for i in sets.order.indices where sets.isEvent[i] { rows[Int(sets.upper[i]) - 1].append(i) }
    eventRows = rows
    eta = [Double](repeating: 0, count: sets.order.count)
  }

  /// The log likelihood and its derivatives at scaled coefficients b.
  ///
  /// - Complexity: O(Σ_k Y_k d_k p²) over event times with Y_k at risk and d_k events.
  func evaluate(at b: [Double]) -> LikelihoodDerivatives {
    let p = sets.x.columns
    var result = LikelihoodDerivatives(
      logLikelihood: 0, score: [Double](repeating: 0, count: p),
      information: Matrix(rows: p, columns: p))
    let fitted = p == 0 ? [Double](repeating: 0, count: eta.count) : sets.x * b
    for stratum in sets.strata {
      var largest = -Double.infinity
      for i in stratum.rows {
        eta[i] = fitted[i] + (sets.offset?[i] ?? 0)
        largest = max(largest, eta[i])
      }
      for i in stratum.rows { eta[i] -= largest }
      for k in stratum.events { add(eventTime: k, of: stratum, to: &result) }
    }
    return result
  }

  private func add(eventTime k: Int, of stratum: CoxRiskSets.Stratum, to result: inout LikelihoodDerivatives)
  {
    let p = sets.x.columns
    let start = stratum.rows.lowerBound + sets.upper[stratum.rows].partitioningIndex { Int($0) > k }
    let members = (start..<stratum.rows.upperBound).filter { Int(sets.lower[$0]) <= k }
    let d = eventRows[k].count
    for i in eventRows[k] {
      result.logLikelihood += eta[i]
      for j in 0..<p { result.score[j] += sets.x[i, j] }
    }
    if d == members.count {
      // Everyone at risk has the event: the conditional probability is 1.
      for i in members {
        result.logLikelihood -= eta[i]
        for j in 0..<p { result.score[j] -= sets.x[i, j] }
      }
      return
    }
    let odds = Self.balancingOdds(members.map { eta[$0] }, successes: d)
    var recursion = SuccessCount(successes: d, parameters: p)
    var logFactor = 0.0
    for (count, i) in members.enumerated() {
      let r = exp(eta[i] + odds)
      logFactor += log1p(r)
      recursion.add(
        probability: r / (1 + r), row: i, of: sets.x, remaining: members.count - count - 1)
    }
    let (probability, gradient, curvature) = recursion.final
    result.logLikelihood -= log(probability) + logFactor - Double(d) * odds
    for j in 0..<p {
      let mean = gradient[j] / probability
      result.score[j] -= mean
      for h in 0..<p {
        result.information[h, j] +=
          curvature[h + j * p] / probability - mean * gradient[h] / probability
      }
    }
  }

  /// log c with Σ c r/(1 + c r) = d, by bisection; two digits suffice, since c only keeps numbers in range.
  private static func balancingOdds(_ eta: [Double], successes d: Int) -> Double {
    var low = -800.0
    var high = 800.0
    for _ in 0..<60 where high - low > 0.01 {
      let middle = (low + high) / 2
      var expected = 0.0
      for e in eta { expected += 1 / (1 + exp(-(e + middle))) }
      if expected < Double(d) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// The probability of k successes in independent trials, with derivatives, updated trial by trial.
///
/// Trial i succeeds with a weight u proportional to exp(x_i'β) while its failure weight does not depend on β; only counts
/// that can still end at `successes` are kept up.
private struct SuccessCount {
  private let successes: Int
  private let p: Int
  private var trials = 0
  /// k = 0 … successes.
  private var value: [Double]
  /// p for each k.
  private var gradient: [Double]
  /// p² for each k.
  private var curvature: [Double]

  init(successes: Int, parameters p: Int) {
    self.successes = successes
    self.p = p
    value = [1] + [Double](repeating: 0, count: successes)
    gradient = [Double](repeating: 0, count: (successes + 1) * p)
    curvature = [Double](repeating: 0, count: (successes + 1) * p * p)
  }

  var final: (Double, [Double], [Double]) {
    (value[successes], Array(gradient[(successes * p)...]), Array(curvature[(successes * p * p)...]))
  }

  mutating func add(probability u: Double, row: Int, of x: Matrix, remaining: Int) {
    trials += 1
    let q = 1 - u
    let n = x.rows
    let top = min(successes, trials)
    let bottom = max(0, successes - remaining)
    guard bottom <= top else { return }
    x.storage.withUnsafeBufferPointer { x in
      for k in stride(from: top, through: bottom, by: -1) {
        // Counts above the trials made so far are 0, so k − 1 is in place whenever k is.
        let before = k - 1
        for j in 0..<p {
          let xj = x[row + j * n]
          for h in 0..<p {
            let slot = h + j * p
            var second = q * curvature[k * p * p + slot]
            if k > 0 {
              let xh = x[row + h * n]
              second +=
                u
                * (curvature[before * p * p + slot] + xh * gradient[before * p + j]
                  + xj * gradient[before * p + h] + xh * xj * value[before])
            }
            curvature[k * p * p + slot] = second
          }
        }
        for j in 0..<p {
          var first = q * gradient[k * p + j]
          if k > 0 { first += u * (gradient[before * p + j] + x[row + j * n] * value[before]) }
          gradient[k * p + j] = first
        }
        value[k] = q * value[k] + (k > 0 ? u * value[before] : 0)
      }
    }
  }
}
