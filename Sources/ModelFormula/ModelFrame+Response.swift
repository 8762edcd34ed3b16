import LinearAlgebra

/// The parts of a left side, before and after the rows are chosen.
enum ResponseForm {
  case plain(Expression)
  case counts(successes: Expression, failures: Expression)
  case survival(start: Expression?, stop: Expression, status: Expression?)

  init(_ expression: Expression) throws(FormulaError) {
    guard case .call(let function, let arguments) = expression.node,
      function == "Surv" || function == "cbind"
    else {
      self = .plain(expression)
      return
    }
    let names = function == "Surv" ? ["time", "time2", "event"] : []
    for case let name? in arguments.map(\.name) where function == "Surv" && !names.contains(name) {
      throw FormulaError(
        .unsuitable, "Surv() has no argument `\(name)`", position: expression.position,
        suggestions: nearest(to: name, among: names))
    }
    // Arguments without a name fill the places that are left, in order; two of them are time and event.
    var places = arguments.count == 3 ? names : ["time", "event"]
    places.removeAll { place in arguments.contains { $0.name == place } }
    var named: [String: Expression] = [:]
    for argument in arguments where function == "Surv" && arguments.count <= 3 {
      named[argument.name ?? (places.isEmpty ? "" : places.removeFirst())] = argument.value
    }
    let values = arguments.map(\.value)
    switch (function, values.count) {
    case ("cbind", 2): self = .counts(successes: values[0], failures: values[1])
    case ("Surv", 1...3) where named["time"] != nil && named.count == values.count:
      let second = named["time2"]
      self = .survival(
        start: second == nil ? nil : named["time"]!, stop: second ?? named["time"]!,
        status: named["event"])
    default:
      throw FormulaError(
        .unsuitable,
        function == "cbind"
          ? "the response cbind() takes successes and failures"
          : "Surv() takes (time, event) or (start, stop, event)", position: expression.position)
    }
  }

  /// The expressions in it.
  var expressions: [Expression] {
    switch self {
    case .plain(let expression): [expression]
    case .counts(let successes, let failures): [successes, failures]
    case .survival(let start, let stop, let status): [start, stop, status].compactMap { $0 }
    }
  }
}

extension FrameBuilder {
  /// The response on the rows used.
  func response(_ form: ResponseForm) throws(FormulaError) -> Response {
    switch form {
    case .plain(let expression):
      let variable = try variable(expression)
      switch variable.values {
      case .numeric(let values, let ofAllRows):
        return .numeric(ofAllRows ? rows.gather(values) : values)
      case .factor(let codes):
        return .categorical(codes: codes, levels: variable.definition.levels!)
      case .matrix:
        throw FormulaError(
          .wrongKind, "`\(expression.text)` has several columns and cannot be a response",
          position: expression.position)
      }
    case .counts(let successes, let failures):
      let s = try numbers(successes)
      let f = try numbers(failures)
      for (values, expression) in [(s, successes), (f, failures)] where values.contains(where: { $0 < 0 }) {
        throw FormulaError(
          .wrongKind, "`\(expression.text)` holds a negative count", position: expression.position)
      }
      return .counts(successes: s, failures: f)
    case .survival(let start, let stop, let status):
      let (codes, levels, isSingle) = try self.status(status)
      return .survival(
        SurvivalResponse(
          start: try start.map { e throws(FormulaError) in try numbers(e) },
          stop: try numbers(stop), status: codes, statusLevels: levels, hasSingleCause: isSingle))
    }
  }

  /// The numbers of an expression on the rows used.
  func numbers(_ expression: Expression) throws(FormulaError) -> [Double] {
    try numbers(try variable(expression))
  }

  /// The numbers of a variable on the rows used.
  func numbers(_ variable: FrameVariable) throws(FormulaError) -> [Double] {
    guard case .numeric(let values, let ofAllRows) = variable.values else {
      let expression = variable.definition.expression
      throw FormulaError(
        .wrongKind, "`\(expression.text)` is categorical where numbers are needed",
        position: expression.position)
    }
    return ofAllRows ? rows.gather(values) : values
  }

  /// The status codes of the rows used; without a status all are events. The last part is true where none is known to be
  /// above 1.
  private func status(_ expression: Expression?) throws(FormulaError) -> ([Int32], [String]?, Bool?) {
    guard let expression else { return ([Int32](repeating: 1, count: rows.count), nil, true) }
    switch entry(expression)?.value {
    case .factor(let codes, let levels, let numbers):
      if let numbers {
        let (status, isSingle) = try statusCodes(codes.map { $0 < 0 ? .nan : numbers[Int($0)] }, expression)
        return (status, nil, isSingle)
      }
      // The first level is censoring, also where no row that is used has it.
      return (rows.gather(codes), levels, levels.count <= 2 ? true : nil)
    case .numeric(let values):
      let (status, isSingle) = try statusCodes(values, expression)
      return (status, nil, isSingle)
    case .logical(let values): return (rows.gather(values).map { Int32($0) }, nil, true)
    default:
      throw FormulaError(
        .wrongKind, "`\(expression.text)` is no status", position: expression.position)
    }
  }

  /// Whole numbers from 0; a status that holds only 1 and 2 in the data, some of them 2, means 2 = event.
  ///
  /// All rows of the data decide, so that a subgroup without events is not taken for one with events only.
  private func statusCodes(
    _ values: [Double], _ expression: Expression
  ) throws(FormulaError) -> (codes: [Int32], isSingle: Bool?) {
    if let codes = zeroOneCodes(values) { return (rows.gather(codes), true) }
    let least = try leastStatus(values, expression)
    let used = rows.gather(values)
    let codes: [Int32] = arrayFilledByBlocks(used.count) { rows, codes in
      used.withUnsafeBufferPointer { x in
        for i in rows { codes[i] = Int32(x[i] - least) }
      }
    }
    return (codes, least == 1 ? true : nil)
  }

  /// The codes of numbers that are 0, 1 or missing (as 0, of rows that are not used), in one pass; nil for others.
  private func zeroOneCodes(_ values: [Double]) -> [Int32]? {
    let block = 1 << 17
    let count = (values.count + block - 1) / block
    let hasOther = ThreadSlots<Bool>(count: count)
    let codes: [Int32] = arrayFilledByBlocks(values.count, block: block) { rows, codes in
      let isKnown = values.withUnsafeBufferPointer { Self.take($0, rows, into: codes) }
      hasOther[rows.lowerBound / block] = !isKnown
    }
    return (0..<count).contains { hasOther[$0]! } ? nil : codes
  }

  /// Takes over some rows; false where a number is neither 0 nor 1 nor missing. Eight at a time and without a branch:
  /// whether a row has the event cannot be foreseen.
  private static func take(
    _ x: UnsafeBufferPointer<Double>, _ rows: Range<Int>, into codes: UnsafeMutablePointer<Int32>
  ) -> Bool {
    var isKnown = SIMDMask<SIMD8<Int64>>(repeating: true)
    var i = rows.lowerBound
    while i + 8 <= rows.upperBound {
      let values = UnsafeRawPointer(x.baseAddress! + i).loadUnaligned(as: SIMD8<Double>.self)
      let isOne = values .== 1
      let isSound = isOne .| (values .== 0) .| (values .!= values)
      isKnown .&= isSound
      let ones = SIMD8<Int64>(repeating: 0).replacing(with: 1, where: isOne)
      UnsafeMutableRawPointer(codes + i).storeBytes(
        of: SIMD8<Int32>(truncatingIfNeeded: ones), as: SIMD8<Int32>.self)
      i += 8
    }
    var isRestKnown = true
    while i < rows.upperBound {
      isRestKnown = isRestKnown && (x[i] == 0 || x[i] == 1 || x[i].isNaN)
      codes[i] = x[i] == 1 ? 1 : 0
      i += 1
    }
    return isRestKnown && all(isKnown)
  }

  /// The code of censoring: 1 where the status holds only 1 and 2 and some are 2, else 0.
  private func leastStatus(_ values: [Double], _ expression: Expression) throws(FormulaError) -> Double {
    var hasTwo = false
    var hasOther = false
    for value in values where !value.isNaN {
      guard value >= 0, value < 1000, value == Double(Int32(value)) else {
        throw FormulaError(
          .wrongKind,
          "the status `\(expression.text)` holds \(numberText(value)); it must be 0 for censoring and 1 (or a code of the cause) for an event",
          position: expression.position)
      }
      hasTwo = hasTwo || value == 2
      hasOther = hasOther || (value != 1 && value != 2)
    }
    return hasTwo && !hasOther ? 1 : 0
  }
}
