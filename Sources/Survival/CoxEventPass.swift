import Glibc
import LinearAlgebra

/// What the sums of an event time contribute to likelihood, hazard and information.
///
/// With D_l = S0 − (l/d) E0 and m the mean weight of the d events: sums over l of m/D, (l/d) m/D, m/D², (l/d) m/D²,
/// (l/d)² m/D² and m log D. With d = 1 or Breslow's ties there is one term, of weight `weight`.
struct CoxEventTerms {
  private(set) var hazard = 0.0
  private(set) var tieShare = 0.0
  private(set) var alpha = 0.0
  private(set) var beta = 0.0
  private(set) var gamma = 0.0
  private(set) var logDenominators = 0.0

  /// - Parameter d: the number of tied events that leave one by one; 1 where ties need no correction.
  @inline(__always)
  init(d: Int, weight: Double, s0: Double, e0: Double) {
    if d == 1 {
      let inverse = 1 / s0
      hazard = weight * inverse
      alpha = hazard * inverse
      logDenominators = weight * log(s0)
      return
    }
    let step = 1 / Double(d)
    var (h, t, a, b, c) = (0.0, 0.0, 0.0, 0.0, 0.0)
    // The logarithm of a product of up to 32 quotients in (0, 1] in place of one for each.
    var logs = Double(d) * log(s0)
    let quotient = e0 / s0
    var product = 1.0
    for l in 0..<d {
      let share = Double(l) * step
      let inverse = 1 / (s0 - share * e0)
      let square = inverse * inverse
      h += inverse
      t += share * inverse
      a += square
      b += share * square
      c += share * share * square
      product *= 1 - share * quotient
      if l & 31 == 31 {
        logs += log(product)
        product = 1
      }
    }
    let m = weight * step
    hazard = m * h
    tieShare = m * t
    alpha = m * a
    beta = m * b
    gamma = m * c
    logDenominators = m * (logs + log(product))
  }
}

/// The pass of a Cox likelihood over its event times, in blocks of fixed size that threads take as they come free.
///
/// The squares α S1S1' − β(S1E1' + E1S1') + γ E1E1' of an event time are α y y' + (γ − β²/α) E1E1' with
/// y = S1 − (β/α) E1. Sendable is unchecked because of the pointers, which are only read and valid during the pass.
struct CoxEventPass: @unchecked Sendable {
  let layout: CoxSumLayout
  let sums: UnsafePointer<SIMD4<Double>>?
  /// Nil where ties need no correction.
  let tiedSums: UnsafePointer<SIMD4<Double>>?
  let tied: [Int32]
  let eventWeight: [Double]
  /// A factor at each event time, at least 0; nil for ones.
  let factor: UnsafePointer<Double>?

  /// What the pass found.
  struct Outcome {
    /// a and c at each event time, without the factor.
    var hazard: [Double] = []
    var tieShare: [Double] = []
    /// Σ m log D, without the factor.
    var logDenominators = 0.0
    /// Σ (a S1 − c E1), p.
    var expected: [Double]
    /// The sum of the squares, p × p; its upper triangle.
    var squares: Matrix
  }

  private static let block = 1024

  func run() -> Outcome {
    let p = layout.columns
    let times = tied.count
    if (1...Self.block).contains(times) { return part(0..<times) }
    let count = (times + Self.block - 1) / Self.block
    let parts = ThreadSlots<Outcome>(count: count)
    let queue = BlockQueue(count: count)
    // Tied events are terms of their own; few event times may stand for many of them.
    let terms = tied.reduce(0) { $0 + Int($1) }
    parallelLoop(terms < 16_384 ? 1 : min(coreCount, count)) { _ in
      while let u = queue.next() {
        parts[u] = part(u * Self.block..<min((u + 1) * Self.block, times))
      }
    }
    var whole = Outcome(
      expected: [Double](repeating: 0, count: p), squares: Matrix(rows: p, columns: p))
    whole.hazard.reserveCapacity(times)
    whole.tieShare.reserveCapacity(times)
    for u in 0..<count {
      let part = parts[u]!
      whole.hazard += part.hazard
      whole.tieShare += part.tieShare
      whole.logDenominators += part.logDenominators
      for j in 0..<p { whole.expected[j] += part.expected[j] }
      for i in whole.squares.storage.indices { whole.squares.storage[i] += part.squares.storage[i] }
    }
    return whole
  }

  private func part(_ times: Range<Int>) -> Outcome {
    let p = layout.columns
    let w = layout.vectors
    let (vector, lane) = layout.place0
    var part = Outcome(
      expected: [Double](repeating: 0, count: p), squares: Matrix(rows: p, columns: p))
    part.hazard.reserveCapacity(times.count)
    part.tieShare.reserveCapacity(times.count)
    var expected = [SIMD4<Double>](repeating: .zero, count: w)
    // Rows y and α y of each event time, and E1 and its multiple where events are tied.
    let capacity = times.count * (tiedSums == nil ? 1 : 2) * w
    withUnsafeTemporaryAllocation(of: SIMD4<Double>.self, capacity: 2 * capacity) { scratch in
      let plain = scratch.baseAddress!
      let scaled = plain + capacity
      var rows = 0
      for k in times {
        let s = sums! + k * w
        let e = tiedSums.map { $0 + k * w }
        let d = e == nil ? 1 : Int(tied[k])
        let terms = CoxEventTerms(
          d: d, weight: eventWeight[k], s0: s[vector][lane], e0: e.map { $0[vector][lane] } ?? 0)
        part.hazard.append(terms.hazard)
        part.tieShare.append(terms.tieShare)
        part.logDenominators += terms.logDenominators
        let g = factor?[k] ?? 1
        if d == 1 {
          for v in 0..<w {
            expected[v] += g * terms.hazard * s[v]
            plain[rows * w + v] = s[v]
            scaled[rows * w + v] = g * terms.alpha * s[v]
          }
          rows += 1
          continue
        }
        let ratio = terms.alpha > 0 ? terms.beta / terms.alpha : 0
        let rest = max(0, terms.gamma - terms.beta * ratio)
        for v in 0..<w {
          expected[v] += g * (terms.hazard * s[v] - terms.tieShare * e![v])
          let y = s[v] - ratio * e![v]
          plain[rows * w + v] = y
          scaled[rows * w + v] = g * terms.alpha * y
          plain[(rows + 1) * w + v] = e![v]
          scaled[(rows + 1) * w + v] = g * rest * e![v]
        }
        rows += 2
      }
      part.squares.storage.withUnsafeMutableBufferPointer { squares in
        guard let squares = squares.baseAddress, p > 0 else { return }
        plain.withMemoryRebound(to: Double.self, capacity: 4 * capacity) { plain in
          scaled.withMemoryRebound(to: Double.self, capacity: 4 * capacity) { scaled in
            GramKernel.accumulate(
              rows: rows, rowMajor: plain, columns: p, stride: 4 * w, rowMajor: scaled, columns: p,
              stride: 4 * w, into: squares)
          }
        }
      }
    }
    for j in 0..<p { part.expected[j] = expected[j / 4][j % 4] }
    return part
  }
}
