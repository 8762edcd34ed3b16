import Glibc
import Probability

/// A stratum's list read as permuted blocks of given sizes: the parse that needs the fewest edits, and how likely the list
/// is under that design.
///
/// Blocks follow one another, each of a size drawn evenly from the sizes of the design and holding every arm in the planned
/// ratio in random order; the last may be unfinished. An allocation may have been changed to another arm, left out of the
/// list, or entered without belonging to it, each with probability `editRate`. The likelihood sums over all ways to cut the
/// list into blocks (the forward recursion of a hidden Markov model); the parse minimises the number of edits and, among
/// those, maximises the probability.
struct BlockPattern: Sendable {
  /// A block of the parse.
  struct Block: Sendable, Equatable {
    /// The positions in the stratum's list.
    let range: Range<Int>
    /// What the design's block holds.
    let size: Int
    /// False for the last block of a list that stops within it.
    let isComplete: Bool
    /// By arm, the allocations present beyond what the block holds (0 or more).
    let excess: [Int]
    /// By arm, the allocations lacking (0 or more; unfinished blocks lack none).
    let deficit: [Int]

    /// The edits that make the block what it should be.
    var editCount: Int { max(excess.reduce(0, +), deficit.reduce(0, +)) }
  }

  /// The probability that an allocation was changed, and likewise left out, and entered beside the list.
  static let editRate = 0.005
  /// A block may miss, or hold beyond its size, this many allocations.
  static let slack = 2

  /// log of the probability of the list under the design.
  let logLikelihood: Double
  /// The same for a list without any edit; −∞ where none fits.
  let cleanLogLikelihood: Double
  /// The fewest edits that make the list fit.
  let edits: Int
  let blocks: [Block]

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - arm: the arms in the order of the list.
  ///   - ratio: the planned ratio in lowest terms.
  ///   - sizes: sizes that are multiples of the ratio's sum.
  init(_ arm: [UInt8], ratio: [Int], sizes: [Int]) {
    var reader = PatternReader(arm, ratio: ratio, sizes: sizes)
    reader.read()
    logLikelihood = reader.forward[arm.count]
    cleanLogLikelihood = reader.clean[arm.count]
    edits = reader.fewest[arm.count]
    blocks = reader.blocks()
  }
}

/// The recursions over the places where a block may end.
private struct PatternReader {
  let sizes: [Int]
  let ratio: [Int]
  let unit: Int
  let count: Int
  let armCount: Int
  /// counts[k·armCount + a]: allocations to arm a before place k.
  let cumulative: [Int]
  let logFactorial: [Double]
  /// log of the probability of the list up to a place where a block ends.
  var forward: [Double]
  /// The same where no allocation was edited.
  var clean: [Double]
  var fewest: [Int]
  private var best: [Double]
  private var step: [(start: Int, size: Int, isComplete: Bool)]

  private let logEdit = log(BlockPattern.editRate)
  private let logKept = log(1 - 3 * BlockPattern.editRate)

  init(_ arm: [UInt8], ratio: [Int], sizes: [Int]) {
    self.sizes = sizes
    self.ratio = ratio
    unit = ratio.reduce(0, +)
    count = arm.count
    armCount = ratio.count
    var cumulative = [Int](repeating: 0, count: ratio.count * (arm.count + 1))
    for (k, code) in arm.enumerated() {
      for a in ratio.indices { cumulative[(k + 1) * ratio.count + a] = cumulative[k * ratio.count + a] }
      cumulative[(k + 1) * ratio.count + Int(code)] += 1
    }
    self.cumulative = cumulative
    logFactorial = (0...((sizes.max() ?? 0) + 4)).map { SpecialFunctions.logGamma(Double($0) + 1) }
    forward = [Double](repeating: -.infinity, count: arm.count + 1)
    forward[0] = 0
    clean = forward
    fewest = [Int](repeating: .max, count: arm.count + 1)
    fewest[0] = 0
    best = forward
    step = [(Int, Int, Bool)](repeating: (0, 0, true), count: arm.count + 1)
  }

  mutating func read() {
    for place in stride(from: 1, through: count, by: 1) {
      for size in sizes {
        for length in max(1, size - BlockPattern.slack)...(size + BlockPattern.slack) where length <= place {
          let (edits, weight) = complete(from: place - length, to: place, size: size)
          extend(from: place - length, to: place, size: size, isComplete: true, edits: edits, weight: weight)
        }
      }
    }
    for size in sizes {
      for length in stride(from: 1, to: size, by: 1) where length <= count {
        let (edits, weight) = unfinished(from: count - length, size: size)
        extend(from: count - length, to: count, size: size, isComplete: false, edits: edits, weight: weight)
      }
    }
  }

  private mutating func extend(
    from start: Int, to end: Int, size: Int, isComplete: Bool, edits: Int, weight: Double
  ) {
    guard fewest[start] < .max else { return }
    let reached = forward[start] + weight
    forward[end] = Self.logSum(forward[end], reached)
    if edits == 0 {
      clean[end] = Self.logSum(clean[end], clean[start] + weight - Double(end - start) * logKept)
    }
    let total = fewest[start] + edits
    let value = best[start] + weight
    if total < fewest[end] || total == fewest[end] && value > best[end] {
      fewest[end] = total
      best[end] = value
      step[end] = (start, size, isComplete)
    }
  }

  private static func logSum(_ a: Double, _ b: Double) -> Double {
    let (low, high) = (min(a, b), max(a, b))
    return high == -.infinity ? high : high + log1p(exp(low - high))
  }

  private func held(_ arm: Int, _ start: Int, _ end: Int) -> Int {
    cumulative[end * armCount + arm] - cumulative[start * armCount + arm]
  }

  private func choose(_ n: Int, _ k: Int) -> Double {
    n < logFactorial.count && k <= n ? logFactorial[n] - logFactorial[k] - logFactorial[n - k] : 0
  }

  /// −log of the sizes and of the orders of a block's arms.
  private func arrangement(_ size: Int) -> Double {
    var value = -log(Double(sizes.count)) - logFactorial[size]
    for a in 0..<armCount { value += logFactorial[size / unit * ratio[a]] }
    return value
  }

  private func complete(from start: Int, to end: Int, size: Int) -> (edits: Int, weight: Double) {
    var (excess, deficit, ways) = (0, 0, 0.0)
    for a in 0..<armCount {
      let beyond = held(a, start, end) - size / unit * ratio[a]
      if beyond > 0 {
        excess += beyond
        ways += choose(held(a, start, end), beyond)
      } else {
        deficit -= beyond
      }
    }
    let changed = min(excess, deficit)
    let (entered, left) = (excess - changed, deficit - changed)
    let kept = end - start - changed - entered
    let other = log(Double(max(1, armCount - 1)))
    var weight = arrangement(size) + ways + Double(kept) * logKept
    weight += Double(changed) * (logEdit - other) + Double(entered) * (logEdit - log(Double(armCount)))
    weight += Double(left) * (logEdit + log(Double(end - start + 1)))
    return (changed + entered + left, weight)
  }

  /// The list stops within the block: arms may be lacking, none may be beyond the block's share.
  private func unfinished(from start: Int, size: Int) -> (edits: Int, weight: Double) {
    let length = count - start
    var room = (0..<armCount).map { size / unit * ratio[$0] - held($0, start, count) }
    var (excess, ways) = (0, 0.0)
    for a in 0..<armCount where room[a] < 0 {
      excess -= room[a]
      ways += choose(held(a, start, count), -room[a])
      room[a] = 0
    }
    // What the changed ones should have been: the arms with most room, one after the other.
    for _ in 0..<excess {
      let roomiest = room.indices.max { (room[$0], $1) < (room[$1], $0) }!
      room[roomiest] -= 1
    }
    guard room.allSatisfy({ $0 >= 0 }) else { return (excess, -.infinity) }
    var weight = arrangement(size) + logFactorial[size - length] + ways
    for a in 0..<armCount { weight -= logFactorial[room[a]] }
    weight +=
      Double(excess) * (logEdit - log(Double(max(1, armCount - 1)))) + Double(length - excess) * logKept
    return (excess, weight)
  }

  func blocks() -> [BlockPattern.Block] {
    guard fewest[count] < .max else { return [] }
    var result: [BlockPattern.Block] = []
    var end = count
    while end > 0 {
      let (start, size, isComplete) = step[end]
      let beyond = (0..<armCount).map { held($0, start, end) - size / unit * ratio[$0] }
      result.append(
        BlockPattern.Block(
          range: start..<end, size: size, isComplete: isComplete, excess: beyond.map { max(0, $0) },
          deficit: beyond.map { isComplete ? max(0, -$0) : 0 }))
      end = start
    }
    return result.reversed()
  }
}
