extension Expression {
  /// True where `.` occurs, which stands for every other column: a reader must then convert them all.
  public var mentionsAllColumns: Bool {
    var found = false
    visit { if case .name(".") = $0.node { found = true } }
    return found
  }
}
