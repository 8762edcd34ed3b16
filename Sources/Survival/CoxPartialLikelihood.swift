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
/// An evaluation passes over the rows twice (`CoxRowPass`) and over the event times once (`CoxEventPass`), in blocks of
/// fixed size whose sums are added in order, so that the result does not depend on the number of threads. An instance
/// owns its work space, so it must not be shared between threads.
final class CoxPartialLikelihood {
  let sets: CoxRiskSets
  let ties: CoxTies
  /// The known part of η of the kept rows; that of the data unless replaced.
  var offset: [Double]?
  /// Σ w x over the events, which does not change with the coefficients.
  private let eventSums: [Double]
  /// For each kept row the last event time before its entry, −1 where it is at risk from the first of its stratum;
  /// empty where that holds for all.
  private let entryBin: [Int32]
  private let corrects: Bool
  let layout: CoxSumLayout

  /// r = w exp(η); kept rows.
  private(set) var risk: [Double]
  /// a, c at each event time.
  private(set) var hazard: [Double]
  private(set) var tieShare: [Double]
  /// What was subtracted from η in each stratum: 0 unless exp(η) would come near the limits of a double.
  private(set) var shift: [Double]
  /// S1 and S0 of each event time, one after another.
  private var sums: [SIMD4<Double>]
  /// E1 and E0; empty where ties need no correction.
  private var tiedSums: [SIMD4<Double>]

  /// Beyond this η is shifted before it is exponentiated: sums over risk sets then keep the digits of their largest term.
  private static let largestPredictor = 30.0

  init(_ sets: CoxRiskSets, ties: CoxTies) {
    precondition(ties != .exact, "the exact likelihood has a kernel of its own")
    BLASThreads.useOne()
    self.sets = sets
    self.ties = ties
    offset = sets.offset
    let n = sets.order.count
    let k = sets.eventTimeCount
    let p = sets.x.columns
    corrects = ties == .efron && sets.tied.contains { $0 > 1 }
    layout = CoxSumLayout(columns: p)
    risk = [Double](repeating: 0, count: n)
    hazard = [Double](repeating: 0, count: k)
    tieShare = hazard
    sums = [SIMD4<Double>](repeating: .zero, count: k * layout.vectors)
    tiedSums = corrects ? sums : []
    shift = [Double](repeating: 0, count: sets.strata.count)
    eventSums = Self.eventSums(sets)
    var entryBin: [Int32] = []
    if sets.hasEntries {
      entryBin = arrayFilledByBlocks(n) { rows, out in
        for i in rows { out[i] = sets.lower[i] - 1 }
      }
      for stratum in sets.strata where stratum.events.lowerBound > 0 {
        for i in stratum.rows where entryBin[i] < stratum.events.lowerBound { entryBin[i] = -1 }
      }
    }
    self.entryBin = entryBin
  }

  private static func eventSums(_ sets: CoxRiskSets) -> [Double] {
    let n = sets.order.count
    return sets.x.storage.withUnsafeBufferPointer { x in
      sets.firstRow.withUnsafeBufferPointer { firstRow in
        sets.tied.withUnsafeBufferPointer { tied in
          (0..<sets.x.columns).map { j in
            var sum = 0.0
            for k in tied.indices {
              for i in Int(firstRow[k])..<Int(firstRow[k] + tied[k]) {
                sum += (sets.weights?[i] ?? 1) * x[i + j * n]
              }
            }
            return sum
          }
        }
      }
    }
  }

  /// S0 at an event time.
  func s0(_ k: Int) -> Double { sums[k * layout.vectors + layout.place0.vector][layout.place0.lane] }

  /// S1 of a covariate at an event time.
  func s1(_ k: Int, _ j: Int) -> Double { sums[k * layout.vectors + j / 4][j % 4] }

  /// E0 at an event time; 0 where ties need no correction.
  func e0(_ k: Int) -> Double {
    corrects ? tiedSums[k * layout.vectors + layout.place0.vector][layout.place0.lane] : 0
  }

  /// E1 of a covariate at an event time; 0 where ties need no correction.
  func e1(_ k: Int, _ j: Int) -> Double { corrects ? tiedSums[k * layout.vectors + j / 4][j % 4] : 0 }

  /// The log partial likelihood and its derivatives at scaled coefficients b.
  func evaluate(at b: [Double]) -> LikelihoodDerivatives {
    let eventPredictors = riskSums(b)
    let times = eventTimes(weighted: nil)
    hazard = times.hazard
    tieShare = times.tieShare
    var information = secondMoments(nil)
    for i in information.storage.indices { information.storage[i] -= times.squares.storage[i] }
    information.mirrorUpper()
    return LikelihoodDerivatives(
      logLikelihood: eventPredictors - times.logDenominators,
      score: zip(eventSums, times.expected).map { $0 - $1 }, information: information)
  }

  /// U = Σ_k g (Σ w x − (a S1 − c E1)), with the events' sum of w x at each event time.
  ///
  /// - Parameter g: a factor for each event time; nil for ones.
  func score(timesWeighted g: [Double]? = nil) -> [Double] {
    let expected = eventTimes(weighted: g).expected
    guard let g else { return zip(eventSums, expected).map { $0 - $1 } }
    let n = risk.count
    return expected.indices.map { j in
      var observed = 0.0
      for k in g.indices {
        for i in sets.eventRows(k) { observed += g[k] * (sets.weights?[i] ?? 1) * sets.x.storage[i + j * n] }
      }
      return observed - expected[j]
    }
  }

  /// X' diag(v) X − Σ_k (α S1S1' − β(S1E1' + E1S1') + γ E1E1'), optionally with a factor g at each event time.
  ///
  /// - Parameter g: at least 0 for each event time; nil for ones.
  func information(timesWeighted g: [Double]? = nil) -> Matrix {
    var information = secondMoments(g)
    let squares = eventTimes(weighted: g).squares
    for i in information.storage.indices { information.storage[i] -= squares.storage[i] }
    information.mirrorUpper()
    return information
  }

  /// v_i/r_i = A(exit) − A(entry) − event_i c: the hazard that row i has been at risk of.
  ///
  /// - Returns: for each kept row Σ_k g a over its event times, less g c of its own event.
  func exposure(timesWeighted g: [Double]? = nil) -> [Double] {
    let running = cumulative(g)
    var out = [Double](repeating: 0, count: risk.count)
    for k in hazard.indices {
      let events = sets.eventRows(k)
      let share = (g?[k] ?? 1) * tieShare[k]
      for i in sets.rows(ofBin: k) {
        var v = running[k]
        if !entryBin.isEmpty, entryBin[i] >= 0 { v -= running[Int(entryBin[i])] }
        if i < events.upperBound { v -= share }
        out[i] = v
      }
    }
    return out
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

  /// α = Σ m/D², β = Σ (l/d) m/D², γ = Σ (l/d)² m/D² with D = S0 − (l/d) E0.
  func squareWeights() -> SquareWeights {
    let terms = hazard.indices.map { k in
      CoxEventTerms(
        d: corrects ? Int(sets.tied[k]) : 1, weight: sets.eventWeight[k], s0: s0(k), e0: e0(k))
    }
    return SquareWeights(alpha: terms.map(\.alpha), beta: terms.map(\.beta), gamma: terms.map(\.gamma))
  }

  /// A, the running sum of a (times g) within each stratum.
  private func cumulative(_ g: [Double]?) -> [Double] {
    var running = g.map { zip($0, hazard).map { $0 * $1 } } ?? hazard
    for stratum in sets.strata {
      for k in stratum.events.dropFirst() { running[k] += running[k - 1] }
    }
    return running
  }
}

// MARK: - The passes

extension CoxPartialLikelihood {
  /// Fills r and the sums over risk sets and events; returns Σ w η over the events.
  private func riskSums(_ b: [Double]) -> Double {
    for s in shift.indices { shift[s] = 0 }
    if passOverRows(b, offset: offset) <= Self.largestPredictor {
      suffixSums()
      return dot(b, eventSums) + eventSum(of: offset)
    }
    // Where exp(η) ranges far, the largest η of each stratum becomes 0.
    let eta = linearPredictors(b)
    var shifted = offset ?? [Double](repeating: 0, count: eta.count)
    for (s, stratum) in sets.strata.enumerated() {
      var largest = -Double.infinity
      for i in stratum.rows { largest = max(largest, eta[i]) }
      guard largest.isFinite else { continue }
      shift[s] = largest
      for i in stratum.rows { shifted[i] -= largest }
    }
    _ = passOverRows(b, offset: shifted)
    suffixSums()
    return dot(b, eventSums) + eventSum(of: shifted)
  }

  private func linearPredictors(_ b: [Double]) -> [Double] {
    var eta = sets.x * b
    if let offset {
      for i in eta.indices { eta[i] += offset[i] }
    }
    return eta
  }

  /// Σ w times a value over the events.
  private func eventSum(of value: [Double]?) -> Double {
    guard let value else { return 0 }
    var sum = 0.0
    for k in hazard.indices {
      for i in sets.eventRows(k) { sum += (sets.weights?[i] ?? 1) * value[i] }
    }
    return sum
  }

  /// The first pass over the rows: r, and for each event time the sums over the rows that leave after it; returns the
  /// largest |η|.
  private func passOverRows(_ b: [Double], offset: [Double]?) -> Double {
    var largest = 0.0
    // The address of an empty array is no sign of its emptiness.
    let hasOffset = offset != nil
    withPointers { pass in
      b.withUnsafeBufferPointer { b in
        (offset ?? []).withUnsafeBufferPointer { offset in
          var pass = pass
          pass.coefficients = b.contains { $0 != 0 } ? b.baseAddress : nil
          pass.offset = hasOffset ? offset.baseAddress : nil
          largest = pass.addRisks()
        }
      }
    }
    return largest
  }

  /// Turns sums over the rows that leave after an event time into sums over those at risk at it.
  private func suffixSums() {
    let w = layout.vectors
    sums.withUnsafeMutableBufferPointer { sums in
      tiedSums.withUnsafeBufferPointer { tied in
        withUnsafeTemporaryAllocation(of: SIMD4<Double>.self, capacity: w) { running in
          for stratum in sets.strata {
            running.initialize(repeating: .zero)
            for k in stratum.events.reversed() {
              for v in 0..<w {
                var value = sums[k * w + v]
                if corrects { value += tied[k * w + v] }
                running[v] += value
                sums[k * w + v] = running[v]
              }
            }
          }
        }
      }
    }
  }

  /// The pass over the event times; see `CoxEventPass`.
  private func eventTimes(weighted g: [Double]?) -> CoxEventPass.Outcome {
    let isWeighted = g != nil
    return sums.withUnsafeBufferPointer { sums in
      tiedSums.withUnsafeBufferPointer { tied in
        (g ?? []).withUnsafeBufferPointer { g in
          CoxEventPass(
            layout: layout, sums: sums.baseAddress, tiedSums: corrects ? tied.baseAddress : nil,
            tied: sets.tied, eventWeight: sets.eventWeight, factor: isWeighted ? g.baseAddress : nil
          ).run()
        }
      }
    }
  }

  /// X' diag(v) X, its upper triangle.
  private func secondMoments(_ g: [Double]?) -> Matrix {
    let p = sets.x.columns
    var moments = Matrix(rows: p, columns: p)
    guard p > 0 else { return moments }
    let running = cumulative(g)
    let share = g.map { zip($0, tieShare).map { $0 * $1 } } ?? tieShare
    withPointers { pass in
      running.withUnsafeBufferPointer { running in
        share.withUnsafeBufferPointer { share in
          pass.addSecondMoments(running: running.baseAddress!, share: share.baseAddress!, to: &moments)
        }
      }
    }
    return moments
  }

  private func withPointers(_ body: (CoxRowPass) -> Void) {
    sets.x.storage.withUnsafeBufferPointer { x in
      sets.firstRow.withUnsafeBufferPointer { firstRow in
        sets.tied.withUnsafeBufferPointer { tied in
          (sets.weights ?? []).withUnsafeBufferPointer { weights in
            entryBin.withUnsafeBufferPointer { entryBin in
              risk.withUnsafeMutableBufferPointer { risk in
                sums.withUnsafeMutableBufferPointer { sums in
                  tiedSums.withUnsafeMutableBufferPointer { tiedSums in
                    body(
                      CoxRowPass(
                        layout: layout, rowCount: risk.count, timeCount: firstRow.count - 1,
                        x: x.baseAddress ?? UnsafePointer(risk.baseAddress!),
                        weights: sets.weights == nil ? nil : weights.baseAddress,
                        firstRow: firstRow.baseAddress!, tied: tied.baseAddress!,
                        entryBin: sets.hasEntries ? entryBin.baseAddress : nil, risk: risk.baseAddress!,
                        sums: sums.baseAddress!, tiedSums: corrects ? tiedSums.baseAddress : nil))
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
