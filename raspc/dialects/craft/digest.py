"""The digest of a craft model, to which its certificate is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ArrayAttr, DenseArrayBase, FloatAttr
from xdsl.ir import Attribute, Operation, SSAValue

from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft.attributes import MatrixAttr, ProductAttr, SubspaceType
from raspc.dialects.craft.certificate import Certificate, CertificateAttr
from raspc.dialects.digest import Digest

if TYPE_CHECKING:
    from raspc.dialects.craft.ops import ModelOp


def craft_digest(model: ModelOp, certificate: Certificate) -> str:
    """The digest of a model and of what a certificate says of it.

    It covers the inputs, the assumptions, and of every op its kind, what it reads, its weights, its layer, and the
    encodings and domains of its results. What values are called decides nothing and isn't covered.
    """
    digest = Digest()
    digest.add_facts("craft", *certificate.claims)
    digest.add_domain(model.vocab.data)
    digest.add_facts(model.max_seq_len.data, model.causal is not None)
    model.add_assumptions_to(digest)
    numbers: dict[SSAValue, int] = {}
    for op in model.body.walk():
        digest.add_facts(op.name, [numbers.get(operand, -1) for operand in op.operands], len(op.regions))
        _add_properties(digest, op)
        for result in op.results:
            numbers[result] = len(numbers)
            _add(digest, result.type)
    return digest.text


def is_bound(model: ModelOp) -> bool:
    """Whether a model has a certificate that is about it as it is."""
    certificate = model.certificate
    return certificate is not None and certificate.data.digest == craft_digest(model, certificate.data)


def bind(model: ModelOp, certificate: Certificate) -> None:
    """Give a model a certificate, which is then about the model as it is. The pass certify alone may do so."""
    model.certificate = CertificateAttr(certificate.bound_to(craft_digest(model, certificate)))


def _add_properties(digest: Digest, op: Operation) -> None:
    for name, attribute in sorted(op.properties.items()):
        digest.add_facts(name)
        _add(digest, attribute)


def _add(digest: Digest, attribute: Attribute) -> None:
    """Add an attribute, or the type of a result."""
    match attribute:
        case SubspaceType():
            digest.add_facts("subspace", str(attribute.encoding.data.value))
            digest.add_domain(attribute.values)
        case ArrayAttr():
            digest.add_facts("array", len(attribute))
            for item in attribute.data:
                _add(digest, item)
        case MatrixAttr():
            _add_matrix(digest, attribute.data)
        case ProductAttr():
            _add_matrix(digest, attribute.data.left)
            _add_matrix(digest, attribute.data.right)
        case DenseArrayBase():
            digest.add_facts(str(attribute.elt_type))
            digest.add(attribute.data.data)
        case FloatAttr():
            digest.add_facts(attribute.value.data)
        case _:
            digest.add_facts(str(attribute))


def _add_matrix(digest: Digest, matrix: SparseMatrix) -> None:
    digest.add_array(matrix.shape, matrix.elements.astype("<f8").tobytes())
    digest.add(matrix.rows.astype("<i4").tobytes())
    digest.add(matrix.columns.astype("<i4").tobytes())
