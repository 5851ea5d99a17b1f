import Ledger
import Testing

@testable import Execution

@Suite struct ReviewTests {
    static let report = Hash32(1, 2, 3, 4)

    @Test func `enough approvals make a template active, and pay the reviewers`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        #expect(shop.run(2, Workshop.review(id, true)) == .done([]))
        #expect(
            shop.effects == [
                .reviewed(id: id, reviewer: shop.address(2), approved: true, report: Self.report)
            ])
        #expect(shop.status(id) == .draft)
        #expect(shop.run(3, Workshop.review(id, true, report: .zero)) == .done([]))
        #expect(
            shop.effects == [
                .reviewed(id: id, reviewer: shop.address(3), approved: true, report: .zero),
                .statusChanged(id: id, status: .active),
            ])
        // What was not needed goes back.
        #expect(shop.transfers == ["deposits → 3 100", "deposits → 1 100"])
        #expect(shop.balance(2) == Workshop.wealth + 100)
        #expect(shop.balance(Workshop.developer) == Workshop.wealth - 1_200)
        #expect(shop.balance(.templates) == 0)
        var reader = ABIReader(try shop.ask(.reviews, id).get())
        #expect(
            try reader.array(of: ITemplates.Review.self) == [
                .init(reviewer: shop.address(2), approved: true, report: Self.report),
                .init(reviewer: shop.address(3), approved: true, report: .zero),
            ])
    }

    @Test func `enough rejections end it, and what was not spent goes back`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        shop.run(2, Workshop.review(id, false))
        #expect(shop.run(3, Workshop.review(id, false)) == .done([]))
        #expect(shop.effects.last == .statusChanged(id: id, status: .rejected))
        #expect(shop.transfers == ["deposits → 3 100", "deposits → 1 100"])
        #expect(shop.status(id) == .rejected)
        #expect(
            shop.run(4, Workshop.review(id, true))
                == .refused(.templateNotDraft(id, status: 3)))
    }

    @Test(arguments: [true, false])
    func `reviewers who disagree are all paid, the last one decides`(_ last: Bool) throws {
        var shop = Workshop()
        let id = try shop.publish()
        shop.run(2, Workshop.review(id, true))
        shop.run(3, Workshop.review(id, false))
        #expect(shop.status(id) == .draft)
        shop.run(4, Workshop.review(id, last))
        #expect(shop.status(id) == (last ? .active : .rejected))
        for reviewer in 2...4 { #expect(shop.balance(reviewer) == Workshop.wealth + 100) }
        #expect(shop.balance(Workshop.developer) == Workshop.wealth - 1_300)
        #expect(shop.balance(.templates) == 0)
    }

    @Test func `reviewers are whom the banks admitted, never the developer, each once`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        let stranger = shop.address(Workshop.stranger)
        let approve = Workshop.review(id, true)
        #expect(shop.run(Workshop.stranger, approve) == .refused(.notReviewer(stranger)))
        shop.decide(.admitReviewer(shop.address(Workshop.developer)))
        #expect(
            shop.run(Workshop.developer, approve)
                == .refused(.notReviewer(shop.address(Workshop.developer))))
        #expect(shop.run(2, approve) == .done([]))
        for voice in [true, false] {
            #expect(
                shop.run(2, Workshop.review(id, voice))
                    == .refused(.alreadyReviewed(id, by: shop.address(2))))
        }
        shop.decide(.removeReviewer(shop.address(3)))
        #expect(shop.run(3, approve) == .refused(.notReviewer(shop.address(3))))
        #expect(
            shop.run(2, Workshop.review(Hash32(9, 9, 9, 9), true))
                == .refused(.templateNotDraft(Hash32(9, 9, 9, 9), status: 0)))
        #expect(shop.status(id) == .draft)
    }

    @Test func `a reviewer who left keeps its voice`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        shop.run(2, Workshop.review(id, true))
        shop.decide(.removeReviewer(shop.address(2)))
        shop.run(3, Workshop.review(id, true))
        #expect(shop.status(id) == .active)
    }

    @Test func `what was agreed at publication holds, whatever the banks decide later`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        shop.decide(.setParameter(name: "reviewFee", value: 1_000_000))
        shop.decide(.setParameter(name: "requiredReviews", value: 1))
        shop.run(2, Workshop.review(id, true))
        #expect(shop.status(id) == .draft)
        #expect(shop.balance(2) == Workshop.wealth + 100)
        #expect(
            shop.run(Workshop.developer, value: 1_300, Workshop.publish(Workshop.template("B")))
                == .refused(.feeTooLow(needed: 1_001_000)))
    }

    @Test func `reviews may be free, and one may be enough`() throws {
        var shop = Workshop(
            rules: Rules(
                gasPrice: 0, publicationFee: 0, reviewFee: 0, requiredReviews: 1))
        let answer = shop.run(Workshop.developer, Workshop.publish(Workshop.template()))
        guard case .done(let output) = answer, let id = Hash32(output) else {
            Issue.record("\(answer)")
            return
        }
        #expect(shop.transfers.isEmpty)
        shop.run(2, Workshop.review(id, true))
        #expect(shop.status(id) == .active)
    }

    // MARK: Out of use

    @Test func `the developer withdraws a draft and has the deposit back`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        shop.run(2, Workshop.review(id, true))
        #expect(
            shop.run(Workshop.stranger, Workshop.deprecate(id))
                == .refused(.notDeveloper(shop.address(Workshop.stranger))))
        #expect(shop.run(Workshop.developer, Workshop.deprecate(id)) == .done([]))
        #expect(shop.effects == [.statusChanged(id: id, status: .deprecated)])
        #expect(shop.transfers == ["deposits → 1 200"])
        #expect(
            shop.run(3, Workshop.review(id, true)) == .refused(.templateNotDraft(id, status: 4)))
        #expect(
            shop.run(Workshop.developer, Workshop.deprecate(id))
                == .refused(.templateNotActive(id, status: 4)))
    }

    @Test func `a new version takes the place of the old one when it becomes active`() throws {
        var shop = Workshop()
        let old = try shop.activate()
        let next = try shop.publish(Workshop.template("Delivery 2"), replacing: old)
        shop.run(2, Workshop.review(next, true))
        #expect(shop.status(old) == .active)
        shop.run(3, Workshop.review(next, true))
        #expect(
            shop.effects.suffix(2) == [
                .statusChanged(id: next, status: .active),
                .statusChanged(id: old, status: .deprecated),
            ])
        #expect(shop.machine.templates.find(old)?.replacedBy == next)
        #expect(shop.status(next) == .active)
    }

    @Test func `a rejected version leaves the old one in use`() throws {
        var shop = Workshop()
        let old = try shop.activate()
        let next = try shop.publish(Workshop.template("Delivery 2"), replacing: old)
        for reviewer in 2...3 { shop.run(reviewer, Workshop.review(next, false)) }
        #expect(shop.status(next) == .rejected)
        #expect(shop.status(old) == .active)
        #expect(shop.machine.templates.find(old)?.replacedBy == .zero)
    }

    @Test func `a version that replaces a draft ends it, and its deposit goes back`() throws {
        var shop = Workshop()
        let draft = try shop.publish()
        shop.run(4, Workshop.review(draft, true))
        let next = try shop.activate(Workshop.template("Delivery 2"), replacing: draft)
        #expect(shop.status(draft) == .deprecated)
        #expect(shop.status(next) == .active)
        #expect(shop.balance(.templates) == 0)
        // Two publications, and three reviews that were given.
        #expect(shop.balance(Workshop.developer) == Workshop.wealth - 2 * 1_000 - 3 * 100)
    }

    @Test(arguments: [ITemplates.Status.draft, .active, .deprecated])
    func `the banks suspend a template for ever`(_ status: ITemplates.Status) throws {
        var shop = Workshop()
        let id = status == .draft ? try shop.publish() : try shop.activate()
        if status == .deprecated { shop.run(Workshop.developer, Workshop.deprecate(id)) }
        #expect(shop.status(id) == status)
        shop.decide(.suspendTemplate(id))
        #expect(shop.effects == [.statusChanged(id: id, status: .suspended)])
        #expect(shop.status(id) == .suspended)
        #expect(shop.balance(.templates) == 0)
        #expect(
            shop.run(Workshop.developer, Workshop.deprecate(id))
                == .refused(.templateNotActive(id, status: 5)))
        #expect(
            shop.run([
                .init(
                    key: 0, to: .treasury, data: Council.propose(.suspendTemplate(id)))
            ]) == [.refused(.badProposal("the template is suspended already"))])
        // A version that mends it is reviewed as any other.
        let next = try shop.activate(Workshop.template("Delivery 2"), replacing: id)
        #expect(shop.status(next) == .active)
        #expect(shop.status(id) == .suspended)
        #expect(shop.machine.templates.find(id)?.replacedBy == next)
    }

    @Test func `what is not there or was rejected cannot be suspended`() throws {
        var shop = Workshop()
        let id = try shop.publish()
        for reviewer in 2...3 { shop.run(reviewer, Workshop.review(id, false)) }
        let unknown = Hash32(9, 9, 9, 9)
        for (id, why) in [
            (id, "the template was rejected"), (unknown, "there is no template \(unknown)"),
        ] {
            #expect(
                shop.run([
                    .init(key: 0, to: .treasury, data: Council.propose(.suspendTemplate(id)))
                ]) == [.refused(.badProposal(why))])
        }
    }
}
