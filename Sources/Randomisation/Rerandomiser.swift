import Glibc
import Probability

/// Draws allocations of the same participants again, as the trial drew them.
///
/// A permuted block is drawn from its full contents even where the list stops within it; a block that needs edits, and the
/// groups of the complete and the stratified design, keep the numbers they have.
public struct Rerandomiser: Sendable {
  /// Participants whose arms are drawn from one pool without replacement.
  private struct Group: Sendable {
    let positions: [Int]
    let pool: [UInt8]
  }

  private enum Scheme: Sendable {
    case groups([Group])
    /// Independent draws, by the cumulated shares.
    case simple([Double])
    case minimisation(MinimisationState)
    /// Minimisation over more arms, of which only those in these two are drawn.
    case minimisationOfTwo(MinimisationState, Int, Int)
  }

  private let sequence: AllocationSequence
  private let scheme: Scheme
  /// True where each stratum keeps its numbers by arm in every draw.
  let keepsNumbers: Bool

  private init(_ sequence: AllocationSequence, _ scheme: Scheme, keepsNumbers: Bool) {
    self.sequence = sequence
    self.scheme = scheme
    self.keepsNumbers = keepsNumbers
  }

  /// Prepares a design.
  ///
  /// - Parameters:
  ///   - sequence: the allocations of the trial.
  ///   - blocks: the blocks, for permuted blocks; a stratum without any is drawn as in the stratified design.
  ///   - minimisation: the factors; needed for minimisation.
  public init(
    _ design: AllocationDesign, _ sequence: AllocationSequence, blocks: BlockStructure? = nil,
    minimisation: Minimisation? = nil
  ) {
    func group(_ positions: [Int]) -> Group {
      Group(positions: positions, pool: positions.map { sequence.arm[$0] })
    }
    switch design {
    case .simple:
      var cumulated = 0.0
      let bounds = sequence.arms.shares.map { share in
        cumulated += share
        return cumulated
      }
      self.init(sequence, .simple(bounds), keepsNumbers: false)
    case .complete:
      self.init(
        sequence, .groups([group(Array(0..<sequence.count))]), keepsNumbers: sequence.members.count == 1)
    case .stratified:
      self.init(sequence, .groups(sequence.members.map(group)), keepsNumbers: true)
    case .permutedBlock:
      var keepsNumbers = true
      var groups: [Group] = []
      for (index, members) in sequence.members.enumerated() {
        let own = blocks?.strata[index].blocks ?? []
        if own.isEmpty { groups.append(group(members)) }
        for block in own {
          if block.isClean && block.positions.count < block.size {
            keepsNumbers = false
            let pool = Self.contents(ofBlock: block.size, sequence.arms)
            groups.append(Group(positions: block.positions, pool: pool))
          } else {
            groups.append(group(block.positions))
          }
        }
      }
      self.init(sequence, .groups(groups), keepsNumbers: keepsNumbers)
    case .minimisation:
      precondition(minimisation != nil, "minimisation without factors")
      self.init(
        sequence, .minimisation(MinimisationState(minimisation!, sequence.arms)), keepsNumbers: false)
    }
  }

  private static func contents(ofBlock size: Int, _ arms: TrialArms) -> [UInt8] {
    guard let ratio = arms.ratio, let unit = arms.blockUnit else { return [] }
    return ratio.enumerated().flatMap { [UInt8](repeating: UInt8($0), count: size / unit * $1) }
  }

  /// The design for the participants of two arms alone; the others keep their arms.
  ///
  /// Given who is in either arm, every design by groups is again one by groups, with the numbers of the two; independent
  /// draws stay independent. Minimisation does not come apart so: a later participant's place in a third arm was the more or
  /// less likely by how the two were filled. There each participant of the two is drawn by the design's probabilities of
  /// the two, and the draw carries as its weight the probability of everything that was given: that each was in either
  /// arm, or in the third.
  func restricted(to first: Int, _ second: Int) -> Rerandomiser {
    guard sequence.arms.count > 2 else { return self }
    let arm = sequence.arm
    let isKept = arm.map { Int($0) == first || Int($0) == second }
    switch scheme {
    case .groups(let groups):
      let chosen = groups.map { group -> Group in
        let positions = group.positions.filter { isKept[$0] }
        return Group(positions: positions, pool: positions.map { arm[$0] })
      }
      return Rerandomiser(
        sequence, .groups(chosen.filter { !$0.positions.isEmpty }), keepsNumbers: keepsNumbers)
    case .simple:
      let positions = arm.indices.filter { isKept[$0] }
      let group = Group(positions: positions, pool: positions.map { arm[$0] })
      return Rerandomiser(sequence, .groups([group]), keepsNumbers: false)
    case .minimisation(let state), .minimisationOfTwo(let state, _, _):
      return Rerandomiser(sequence, .minimisationOfTwo(state, first, second), keepsNumbers: false)
    }
  }

  /// True where draws carry weights that differ.
  var isWeighted: Bool { if case .minimisationOfTwo = scheme { true } else { false } }

  /// The logarithm of the weight of the trial's own allocation among the draws; 0 where draws carry none.
  var observedLogWeight: Double {
    guard case .minimisationOfTwo(let state, let first, let second) = scheme else { return 0 }
    return sequence.arm.withUnsafeBufferPointer { arm in
      var counts = state.emptyCounts
      var weight = 0.0
      for i in arm.indices {
        weight += Self.logGiven(state.probabilities(of: i, counts), Int(arm[i]), first, second)
        state.add(i, arm: Int(arm[i]), to: &counts)
      }
      return weight
    }
  }

  /// The logarithm of the probability of what is given of a participant: being in either of two arms, or in a third.
  private static func logGiven(_ probabilities: [Double], _ arm: Int, _ first: Int, _ second: Int) -> Double {
    let isDrawn = arm == first || arm == second
    return log(isDrawn ? probabilities[first] + probabilities[second] : probabilities[arm])
  }

  /// The number of bytes that `draw(_:into:room:)` needs room for.
  var roomNeeded: Int {
    if case .groups(let groups) = scheme { return max(1, groups.map(\.pool.count).max() ?? 0) }
    return 1
  }

  /// Draws an allocation; positions that the design leaves alone keep what `arm` holds.
  ///
  /// - Returns: the logarithm of the draw's weight; 0 but for two arms of a minimisation over more.
  @discardableResult
  func draw(
    _ stream: inout RandomStream, into arm: UnsafeMutableBufferPointer<UInt8>,
    room: UnsafeMutableBufferPointer<UInt8>
  ) -> Double {
    switch scheme {
    case .groups(let groups):
      for group in groups {
        let size = group.pool.count
        for i in 0..<size { room[i] = group.pool[i] }
        for (i, position) in group.positions.enumerated() {
          room.swapAt(i, i + stream.integer(below: size - i))
          arm[position] = room[i]
        }
      }
    case .simple(let bounds):
      for i in arm.indices {
        let point = stream.uniform()
        arm[i] = UInt8(bounds.firstIndex { point < $0 } ?? bounds.count - 1)
      }
    case .minimisation(let state):
      var counts = state.emptyCounts
      for i in arm.indices {
        let chosen = stream.category(weights: state.probabilities(of: i, counts))
        arm[i] = UInt8(chosen)
        state.add(i, arm: chosen, to: &counts)
      }
    case .minimisationOfTwo(let state, let first, let second):
      var counts = state.emptyCounts
      var weight = 0.0
      for i in arm.indices {
        let probabilities = state.probabilities(of: i, counts)
        weight += Self.logGiven(probabilities, Int(sequence.arm[i]), first, second)
        var chosen = Int(sequence.arm[i])
        if chosen == first || chosen == second {
          let either = probabilities[first] + probabilities[second]
          chosen = stream.uniform() * either < probabilities[first] ? first : second
        }
        arm[i] = UInt8(chosen)
        state.add(i, arm: chosen, to: &counts)
      }
      return weight
    }
    return 0
  }

  /// An allocation of a replicate.
  func draw(_ stream: inout RandomStream) -> [UInt8] { weightedDraw(&stream).arm }

  /// An allocation of a replicate with the logarithm of its weight.
  func weightedDraw(_ stream: inout RandomStream) -> (arm: [UInt8], logWeight: Double) {
    var arm = sequence.arm
    var room = [UInt8](repeating: 0, count: roomNeeded)
    let logWeight = arm.withUnsafeMutableBufferPointer { arm in
      room.withUnsafeMutableBufferPointer { draw(&stream, into: arm, room: $0) }
    }
    return (arm, logWeight)
  }

  /// The probability that an investigator who knows the design and every earlier allocation gives to each arm beyond the
  /// first, arm by arm: the reverse propensity score of Berger & Exner, Controlled Clinical Trials 20 (1999), 319, doi
  /// 10.1016/S0197-2456(99)00014-8.
  func foresight(_ arm: UnsafeBufferPointer<UInt8>, into result: UnsafeMutableBufferPointer<Double>) {
    let n = arm.count
    let k = sequence.arms.count
    switch scheme {
    case .groups(let groups):
      withUnsafeTemporaryAllocation(of: Int.self, capacity: k) { left in
        for group in groups {
          left.initialize(repeating: 0)
          for code in group.pool { left[Int(code)] += 1 }
          var remaining = Double(group.pool.count)
          for position in group.positions {
            for a in 1..<k { result[(a - 1) * n + position] = Double(left[a]) / remaining }
            left[Int(arm[position])] -= 1
            remaining -= 1
          }
        }
      }
    case .simple:
      for a in 1..<k {
        for i in 0..<n { result[(a - 1) * n + i] = sequence.arms.shares[a] }
      }
    case .minimisation(let state), .minimisationOfTwo(let state, _, _):
      var counts = state.emptyCounts
      for i in 0..<n {
        let probabilities = state.probabilities(of: i, counts)
        for a in 1..<k { result[(a - 1) * n + i] = probabilities[a] }
        state.add(i, arm: Int(arm[i]), to: &counts)
      }
    }
  }
}
