"""The tables, one subject a file. They do not validate: build them from validated models, never parse a request."""

from store.tables.access import ApiKey, RateBudget, StoredAnswer
from store.tables.audit import AuditEntry
from store.tables.automation import Automation, AutomationVersion, TemplateRow, TemplateVersion
from store.tables.base import METADATA
from store.tables.contact import ConsentChange, Contact, ContactIdentity, ContactMerge, ContactMergeMove, Suppression
from store.tables.event import EventBatch, OrderEvent
from store.tables.feedback import FeedbackTally, MessageFeedback
from store.tables.intake import ConnectorDelivery, OrderImport
from store.tables.link import LinkSecret
from store.tables.message import Message
from store.tables.order import Order
from store.tables.provider import DisabledStore, ProviderState
from store.tables.regular import RegularLaunch, RegularSchedule
from store.tables.run import Decision, Run, StepResult, Unmatched
from store.tables.segment import (
    ContactRfm,
    DailyFigure,
    FigureZone,
    RfmMove,
    ScoreEdge,
    Segment,
    SegmentMember,
    TouchedContact,
)
from store.tables.template_test import TemplateTest
from store.tables.user import SignInFailure, SignInLink, User, UserSession

__all__ = [
    "METADATA",
    "ApiKey",
    "AuditEntry",
    "Automation",
    "AutomationVersion",
    "ConnectorDelivery",
    "ConsentChange",
    "Contact",
    "ContactIdentity",
    "ContactMerge",
    "ContactMergeMove",
    "ContactRfm",
    "DailyFigure",
    "Decision",
    "DisabledStore",
    "EventBatch",
    "FeedbackTally",
    "FigureZone",
    "LinkSecret",
    "Message",
    "MessageFeedback",
    "Order",
    "OrderEvent",
    "OrderImport",
    "ProviderState",
    "RateBudget",
    "RegularLaunch",
    "RegularSchedule",
    "RfmMove",
    "Run",
    "ScoreEdge",
    "Segment",
    "SegmentMember",
    "SignInFailure",
    "SignInLink",
    "StepResult",
    "StoredAnswer",
    "Suppression",
    "TemplateRow",
    "TemplateTest",
    "TemplateVersion",
    "TouchedContact",
    "Unmatched",
    "User",
    "UserSession",
]
