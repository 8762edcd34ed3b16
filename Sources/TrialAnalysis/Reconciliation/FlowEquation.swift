/// Two numbers of participants that must be the same: an edge of the graph that ties the flow diagram, Table 1 and every
/// analysis together.
public struct FlowEquation: Sendable, Equatable {
  /// A side: what is counted, in words, and how many.
  public struct Side: Sendable, Equatable {
    public let name: String
    public let count: Int

    public init(_ name: String, _ count: Int) {
      self.name = name
      self.count = count
    }
  }

  public let left: Side
  public let right: Side

  public init(_ left: Side, _ right: Side) {
    self.left = left
    self.right = right
  }

  public var holds: Bool { left.count == right.count }

  /// The edge's name: "flow: randomised = flow: allocated, all arms".
  public var name: String { left.name + " = " + right.name }
}
